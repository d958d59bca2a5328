/* CloudWatch's operations over metrics that real calls made, under a clock moved by hand. */

#include "api/internal.h"
#include "tests/support/api_fixture.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static const int64_t MINUTE_MS = 60000;

#define TABLE                                                                                      \
    "{'TableName':'Tab','AttributeDefinitions':[{'AttributeName':'pk','AttributeType':'S'}],"      \
    "'KeySchema':[{'AttributeName':'pk','KeyType':'HASH'}],"                                       \
    "'ProvisionedThroughput':{'ReadCapacityUnits':3,'WriteCapacityUnits':4}}"
#define PUT "{'TableName':'Tab','Item':{'pk':{'S':'%d'}}}"

/* The clock starts with 2026-01-01, and the table takes less than a second. */
#define WRITES                                                                                     \
    "'Namespace':'AWS/DynamoDB','MetricName':'ConsumedWriteCapacityUnits',"                        \
    "'Dimensions':[{'Name':'TableName','Value':'Tab'}]"
#define HOUR "'StartTime':1767225600,'EndTime':1767229200"

static int set_up(void **state)
{
    (void)api_fixture_set_up(state);
    create_table(*state, TABLE);
    return 0;
}

static struct api_call cloudwatch(struct api_fixture *fixture,
                                  enum api_protocol protocol,
                                  const char *target,
                                  struct bytes body)
{
    struct api_call call = { .arena = &fixture->arena,
                             .target = bytes_of_text(target),
                             .body = body,
                             .request_id = BYTES("ID"),
                             .caller = { .access_key_id = BYTES("key"),
                                         .region = BYTES("us-east-1") } };
    api_service(fixture->api, &call, API_CLOUDWATCH, protocol);
    return call;
}

static const char *
reply_to(struct api_fixture *fixture, const char *operation, const char *request, int status)
{
    char *body = bytes_to_text(&fixture->arena, bytes_of_text(request));
    for (char *letter = body; *letter != '\0'; letter++) {
        if (*letter == '\'') {
            *letter = '"';
        }
    }
    struct api_call call = cloudwatch(fixture, API_PROTOCOL_JSON, operation, bytes_of_text(body));
    char *text = bytes_to_text(&fixture->arena, call.reply);
    for (char *letter = text; *letter != '\0'; letter++) {
        if (*letter == '"') {
            *letter = '\'';
        }
    }
    if (call.status != status) {
        print_error("%s\n%s\n", request, text);
    }
    assert_int_equal(call.status, status);
    return text;
}

static void put(struct api_fixture *fixture, int count)
{
    for (int i = 0; i < count; i++) {
        (void)assert_accepted(fixture, "PutItem", api_fixture_text(fixture, PUT, i));
    }
}

static void minutes_are_summed_up_in_periods_from_the_start(void **state)
{
    struct api_fixture *fixture = *state;
    put(fixture, 2);
    api_fixture_advance(fixture, 2 * MINUTE_MS);
    put(fixture, 3);
    api_fixture_advance(fixture, 3 * MINUTE_MS);
    put(fixture, 1);
    assert_string_equal(reply_to(fixture, "GetMetricStatistics",
                                 "{" WRITES "," HOUR ",'Period':60,'Statistics':['Sum']}", 200),
                        "{'Label':'ConsumedWriteCapacityUnits','Datapoints':["
                        "{'Timestamp':1767225600,'Sum':2.0,'Unit':'Count'},"
                        "{'Timestamp':1767225720,'Sum':3.0,'Unit':'Count'},"
                        "{'Timestamp':1767225900,'Sum':1.0,'Unit':'Count'}]}");
    assert_string_equal(
        reply_to(fixture, "GetMetricStatistics",
                 "{" WRITES "," HOUR ",'Period':300,'Statistics':"
                 "['Average','Sum','Minimum','Maximum','SampleCount']}",
                 200),
        "{'Label':'ConsumedWriteCapacityUnits','Datapoints':["
        "{'Timestamp':1767225600,'SampleCount':5.0,'Average':1.0,'Sum':5.0,'Minimum':1.0,"
        "'Maximum':1.0,'Unit':'Count'},"
        "{'Timestamp':1767225900,'SampleCount':1.0,'Average':1.0,'Sum':1.0,'Minimum':1.0,"
        "'Maximum':1.0,'Unit':'Count'}]}");
    assert_string_equal(/* begins with the minute of StartTime */
                        reply_to(fixture, "GetMetricStatistics",
                                 "{" WRITES
                                 ",'StartTime':1767225665,'EndTime':1767229200,'Period':180,"
                                 "'Statistics':['Sum']}",
                                 200),
                        "{'Label':'ConsumedWriteCapacityUnits','Datapoints':["
                        "{'Timestamp':1767225660,'Sum':3.0,'Unit':'Count'},"
                        "{'Timestamp':1767225840,'Sum':1.0,'Unit':'Count'}]}");
    assert_string_equal(/* ends before EndTime */
                        reply_to(fixture, "GetMetricStatistics",
                                 "{" WRITES
                                 ",'StartTime':1767225600,'EndTime':1767225720,'Period':60,"
                                 "'Statistics':['Sum']}",
                                 200),
                        "{'Label':'ConsumedWriteCapacityUnits','Datapoints':["
                        "{'Timestamp':1767225600,'Sum':2.0,'Unit':'Count'}]}");
}

static void what_there_is_not_has_no_datapoints(void **state)
{
    struct api_fixture *fixture = *state;
    static const char *const cases[] = {
        "'Namespace':'AWS/EC2','MetricName':'X'",
        "'Namespace':'AWS/DynamoDB','MetricName':'X'",
        "'Namespace':'AWS/DynamoDB','MetricName':'X','Dimensions':[{'Name':'N','Value':'V'}]",
        "'Namespace':'AWS/DynamoDB','MetricName':'X','Unit':'Bytes'",
    };
    put(fixture, 1);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const char *request =
            api_fixture_text(fixture, "{%s," HOUR ",'Period':60,'Statistics':['Sum']}", cases[i]);
        assert_string_equal(reply_to(fixture, "GetMetricStatistics", request, 200),
                            "{'Label':'X','Datapoints':[]}");
    }
    assert_string_equal(
        reply_to(fixture, "GetMetricStatistics",
                 "{" WRITES "," HOUR ",'Period':60,'Statistics':['Sum'],'Unit':'Bytes'}", 200),
        "{'Label':'ConsumedWriteCapacityUnits','Datapoints':[]}");
}

static void what_is_provisioned_is_told_every_five_minutes(void **state)
{
    struct api_fixture *fixture = *state;
    api_fixture_advance(fixture, 6 * MINUTE_MS);
    assert_string_equal(
        reply_to(fixture, "GetMetricStatistics",
                 "{'Namespace':'AWS/DynamoDB','MetricName':'ProvisionedWriteCapacityUnits',"
                 "'Dimensions':[{'Name':'TableName','Value':'Tab'}]," HOUR
                 ",'Period':60,'Statistics':['Average']}",
                 200),
        "{'Label':'ProvisionedWriteCapacityUnits','Datapoints':["
        "{'Timestamp':1767225600,'Average':4.0,'Unit':'Count'},"
        "{'Timestamp':1767225900,'Average':4.0,'Unit':'Count'}]}");
}

#define ERROR(shape, message)                                                                      \
    "{'__type':'com.amazonaws.cloudwatch#" shape "','message':'" message "'}"

static void faults_of_get_metric_statistics_are_told(void **state)
{
    struct api_fixture *fixture = *state;
    static const struct {
        const char *request;
        const char *reply;
    } cases[] = {
        { "{}",
          ERROR("MissingRequiredParameterException", "The parameter Namespace is required.\\n"
                                                     "The parameter MetricName is required.\\n"
                                                     "The parameter StartTime is required.\\n"
                                                     "The parameter EndTime is required.\\n"
                                                     "The parameter Period is required.\\n"
                                                     "The parameter Statistics is required.") },
        { "{" WRITES "," HOUR ",'Period':60,'Statistics':['Sum','Median']}",
          ERROR("InvalidParameterValueException",
                "The parameter Statistics.member.2 must be a value in the set [ Minimum, Maximum, "
                "Average, SampleCount, Sum ].") },
        { "{" WRITES "," HOUR ",'Period':90,'Statistics':['Sum']}",
          ERROR("InvalidParameterValueException",
                "The parameter Period must be a multiple of 60.") },
        { "{" WRITES ",'StartTime':2,'EndTime':1,'Period':60,'Statistics':['Sum']}",
          ERROR("InvalidParameterValueException",
                "The parameter StartTime must be less than the parameter EndTime.") },
        { "{" WRITES ",'StartTime':1,'EndTime':1,'Period':60,'Statistics':['Sum']}",
          ERROR("InvalidParameterValueException",
                "The parameter StartTime must not equal parameter EndTime.") },
        { "{" WRITES ",'StartTime':0,'EndTime':86460,'Period':60,'Statistics':['Sum']}",
          ERROR("InvalidParameterCombinationException",
                "You have requested up to 1441 datapoints, which exceeds the limit of 1440. You "
                "may reduce the datapoints requested by increasing Period, or decreasing the time "
                "range.") },
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        assert_string_equal(reply_to(fixture, "GetMetricStatistics", cases[i].request, 400),
                            cases[i].reply);
    }
    assert_string_equal(reply_to(fixture, "GetMetricStatistics",
                                 "{" WRITES
                                 ",'StartTime':0,'EndTime':86400,'Period':60,'Statistics':['Sum']}",
                                 200),
                        "{'Label':'ConsumedWriteCapacityUnits','Datapoints':[]}");
}

#define QUERY(id, more)                                                                            \
    "{'Id':'" id "','MetricStat':{'Metric':{" WRITES "},'Period':60,'Stat':'Sum'}" more "}"

static void get_metric_data_answers_each_query(void **state)
{
    struct api_fixture *fixture = *state;
    put(fixture, 2);
    api_fixture_advance(fixture, MINUTE_MS);
    put(fixture, 1);
    assert_string_equal(
        reply_to(fixture, "GetMetricData",
                 "{'MetricDataQueries':[" QUERY("a", "") "," QUERY(
                     "b", ",'ReturnData':false") "," QUERY("c", ",'Label':'mine'") "]," HOUR "}",
                 200),
        "{'MetricDataResults':["
        "{'Id':'a','Label':'ConsumedWriteCapacityUnits','Timestamps':[1767225660,1767225600],"
        "'Values':[1.0,2.0],'StatusCode':'Complete'},"
        "{'Id':'c','Label':'mine','Timestamps':[1767225660,1767225600],"
        "'Values':[1.0,2.0],'StatusCode':'Complete'}],'Messages':[]}");
}

static void get_metric_data_goes_on_where_a_page_ended(void **state)
{
    struct api_fixture *fixture = *state;
    put(fixture, 2);
    api_fixture_advance(fixture, MINUTE_MS);
    put(fixture, 1);
#define PAGED                                                                                      \
    "{'MetricDataQueries':[" QUERY("a", "") "," QUERY(                                             \
        "b", "") "]," HOUR ",'ScanBy':'TimestampAscending','MaxDatapoints':3"
    assert_string_equal(
        reply_to(fixture, "GetMetricData", PAGED "}", 200),
        "{'MetricDataResults':["
        "{'Id':'a','Label':'ConsumedWriteCapacityUnits','Timestamps':[1767225600,1767225660],"
        "'Values':[2.0,1.0],'StatusCode':'Complete'},"
        "{'Id':'b','Label':'ConsumedWriteCapacityUnits','Timestamps':[1767225600],"
        "'Values':[2.0],'StatusCode':'PartialData'}],'NextToken':'1.1','Messages':[]}");
    assert_string_equal(reply_to(fixture, "GetMetricData", PAGED ",'NextToken':'1.1'}", 200),
                        "{'MetricDataResults':["
                        "{'Id':'b','Label':'ConsumedWriteCapacityUnits','Timestamps':[1767225660],"
                        "'Values':[1.0],'StatusCode':'Complete'}],'Messages':[]}");
    assert_string_equal(reply_to(fixture, "GetMetricData", PAGED ",'NextToken':'x'}", 400),
                        ERROR("InvalidNextToken", "Invalid NextToken"));
}

static void faults_of_get_metric_data_are_told(void **state)
{
    struct api_fixture *fixture = *state;
    static const struct {
        const char *queries;
        const char *message;
    } cases[] = {
        { QUERY("A", ""), "The value A for parameter MetricDataQueries.member.1.Id is not matching "
                          "the expected pattern ^[a-z][a-zA-Z0-9_]*$." },
        { QUERY("a", "") "," QUERY("a", ""),
          "The values for parameter id in MetricDataQueries are not unique." },
        { "{'Id':'a'}", "The parameter MetricDataQueries.member.1.MetricStat is required." },
        { "{'Id':'e1','Expression':'m1*2'}",
          "Error in expression 'e1': metric math is not evaluated here; ask for the metrics "
          "themselves" },
        { "{'Id':'a','MetricStat':{'Metric':{" WRITES "},'Period':60,'Stat':'p99'}},"
          "{'Id':'b','MetricStat':{'Metric':{" WRITES "},'Period':60,'Stat':'None'}}",
          "The value p99 for parameter MetricDataQueries.member.1.MetricStat.Stat is not a valid "
          "statistic.\\nThe value None for parameter MetricDataQueries.member.2.MetricStat.Stat is "
          "not a valid statistic." },
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const char *request =
            api_fixture_text(fixture, "{'MetricDataQueries':[%s]," HOUR "}", cases[i].queries);
        const char *reply = reply_to(fixture, "GetMetricData", request, 400);
        assert_non_null(strstr(reply, "#ValidationError"));
        assert_non_null(strstr(reply, cases[i].message));
    }
}

static void list_metrics_filters(void **state)
{
    struct api_fixture *fixture = *state;
    put(fixture, 1);
    assert_string_equal(
        reply_to(fixture, "ListMetrics",
                 "{'Namespace':'AWS/DynamoDB','Dimensions':[{'Name':'Operation'}]}", 200),
        "{'Metrics':[{'Namespace':'AWS/DynamoDB','MetricName':'SuccessfulRequestLatency',"
        "'Dimensions':[{'Name':'TableName','Value':'Tab'},"
        "{'Name':'Operation','Value':'PutItem'}]}]}");
    assert_string_equal(
        reply_to(fixture, "ListMetrics", "{'MetricName':'ConsumedWriteCapacityUnits'}", 200),
        "{'Metrics':[{'Namespace':'AWS/DynamoDB','MetricName':'ConsumedWriteCapacityUnits',"
        "'Dimensions':[{'Name':'TableName','Value':'Tab'}]}]}");
    assert_string_equal(reply_to(fixture, "ListMetrics", "{'Namespace':'AWS/EC2'}", 200),
                        "{'Metrics':[]}");
    assert_string_equal(reply_to(fixture, "ListMetrics",
                                 "{'Dimensions':[{'Name':'TableName','Value':'Other'}]}", 200),
                        "{'Metrics':[]}");
    api_fixture_advance(fixture, 240 * MINUTE_MS);
    assert_string_equal(reply_to(fixture, "ListMetrics",
                                 "{'MetricName':'ConsumedWriteCapacityUnits',"
                                 "'RecentlyActive':'PT3H'}",
                                 200),
                        "{'Metrics':[]}");
}

static void list_metrics_has_pages_of_500(void **state)
{
    struct api_fixture *fixture = *state;
    for (int i = 0; i < 600; i++) {
        struct metric_series series = {
            .metric = METRIC_CONSUMED_READ_CAPACITY_UNITS,
            .table_name = bytes_of_text(api_fixture_text(fixture, "Table%03d", i)),
        };
        metrics_add(fixture->api->storage.metrics, &series, 1);
    }
#define READS "{'MetricName':'ConsumedReadCapacityUnits'"
    const char *first = reply_to(fixture, "ListMetrics", READS "}", 200);
    assert_non_null(strstr(first, "'Table499'"));
    assert_null(strstr(first, "'Table500'"));
    assert_non_null(strstr(first, "'NextToken':'500'"));
    const char *second = reply_to(fixture, "ListMetrics", READS ",'NextToken':'500'}", 200);
    assert_null(strstr(second, "'Table499'"));
    assert_non_null(strstr(second, "'Table500'"));
    assert_non_null(strstr(second, "'Table599'"));
    assert_null(strstr(second, "NextToken"));
    (void)reply_to(fixture, "ListMetrics", READS ",'NextToken':'abc'}", 400);
}

static void the_query_protocol_speaks_xml(void **state)
{
    struct api_fixture *fixture = *state;
    put(fixture, 2);
    struct api_call call =
        cloudwatch(fixture, API_PROTOCOL_QUERY, "",
                   BYTES("Action=GetMetricStatistics&Version=2010-08-01&Namespace=AWS%2FDynamoDB&"
                         "MetricName=ConsumedWriteCapacityUnits&Dimensions.member.1.Name=TableName&"
                         "Dimensions.member.1.Value=Tab&StartTime=2026-01-01T00%3A00%3A00Z&"
                         "EndTime=2026-01-01T01%3A00%3A00Z&Period=60&Statistics.member.1=Sum"));
    assert_int_equal(call.status, 200);
    assert_string_equal(
        bytes_to_text(&fixture->arena, call.reply),
        "<GetMetricStatisticsResponse xmlns=\"http://monitoring.amazonaws.com/doc/2010-08-01/\">"
        "<GetMetricStatisticsResult><Label>ConsumedWriteCapacityUnits</Label><Datapoints><member>"
        "<Timestamp>2026-01-01T00:00:00Z</Timestamp><Sum>2.0</Sum><Unit>Count</Unit></member>"
        "</Datapoints></GetMetricStatisticsResult><ResponseMetadata><RequestId>ID</RequestId>"
        "</ResponseMetadata></GetMetricStatisticsResponse>");
    call = cloudwatch(fixture, API_PROTOCOL_QUERY, "",
                      BYTES("Action=DescribeAlarms&Version=2010-08-01"));
    assert_int_equal(call.status, 400);
    assert_string_equal(
        bytes_to_text(&fixture->arena, call.reply),
        "<ErrorResponse xmlns=\"http://monitoring.amazonaws.com/doc/2010-08-01/\"><Error>"
        "<Type>Sender</Type><Code>InvalidAction</Code><Message>Could not find operation "
        "DescribeAlarms for version 2010-08-01</Message></Error><RequestId>ID</RequestId>"
        "</ErrorResponse>");
    assert_int_equal(call.query_error.length, 0);
}

static void the_other_protocols_name_the_query_error(void **state)
{
    struct api_fixture *fixture = *state;
    struct api_call call = cloudwatch(fixture, API_PROTOCOL_CBOR, "GetMetricData", BYTES("\xA0"));
    assert_int_equal(call.status, 400);
    assert_true(bytes_equal(call.query_error, BYTES("MissingParameter;Sender")));
    call = cloudwatch(fixture, API_PROTOCOL_CBOR, "GetMetricData", BYTES("\xA1"));
    assert_true(bytes_equal(call.query_error, BYTES("MalformedInput;Sender")));
    call = cloudwatch(fixture, API_PROTOCOL_JSON, "GetMetricData", BYTES("{\"StartTime\":[]}"));
    assert_true(bytes_equal(call.query_error, BYTES("MalformedInput;Sender")));
    call = cloudwatch(fixture, API_PROTOCOL_JSON, "PutMetricData", BYTES("{}"));
    assert_true(bytes_equal(call.query_error, BYTES("InvalidAction;Sender")));
}

static void the_page_for_prometheus_shows_the_same(void **state)
{
    struct api_fixture *fixture = *state;
    put(fixture, 2);
    struct metric_series odd = { .metric = METRIC_USER_ERRORS, .table_name = BYTES("a\"b\\c\nd") };
    metrics_add(fixture->api->storage.metrics, &odd, 1);
    struct api_call call = { .arena = &fixture->arena };
    api_control(fixture->api, &call, BYTES("GET"), BYTES("metrics"), BYTES(""));
    const char *page = bytes_to_text(&fixture->arena, call.reply);
    assert_int_equal(call.status, 200);
    static const char *const lines[] = {
        "# TYPE rehearsedb_consumed_write_capacity_units_total counter\n"
        "rehearsedb_consumed_write_capacity_units_total{table=\"Tab\"} 2\n",
        "rehearsedb_successful_request_latency_milliseconds_count{table=\"Tab\","
        "operation=\"PutItem\"} 2\n",
        "rehearsedb_provisioned_write_capacity_units{table=\"Tab\"} 4\n",
        "rehearsedb_user_errors_total{table=\"a\\\"b\\\\c\\nd\"} 1\n",
        "rehearsedb_tables 1\n",
        "# TYPE rehearsedb_uptime_seconds gauge\nrehearsedb_uptime_seconds ",
        "\nrehearsedb_map_used_bytes ",
    };
    for (size_t i = 0; i < sizeof lines / sizeof *lines; i++) {
        if (strstr(page, lines[i]) == NULL) {
            print_error("%s\nnot in\n%s", lines[i], page);
        }
        assert_non_null(strstr(page, lines[i]));
    }
}

int main(void)
{
#define CLOUDWATCH_TEST(test) cmocka_unit_test_setup_teardown(test, set_up, api_fixture_tear_down)
    const struct CMUnitTest tests[] = {
        CLOUDWATCH_TEST(minutes_are_summed_up_in_periods_from_the_start),
        CLOUDWATCH_TEST(what_there_is_not_has_no_datapoints),
        CLOUDWATCH_TEST(what_is_provisioned_is_told_every_five_minutes),
        CLOUDWATCH_TEST(faults_of_get_metric_statistics_are_told),
        CLOUDWATCH_TEST(get_metric_data_answers_each_query),
        CLOUDWATCH_TEST(get_metric_data_goes_on_where_a_page_ended),
        CLOUDWATCH_TEST(faults_of_get_metric_data_are_told),
        CLOUDWATCH_TEST(list_metrics_filters),
        CLOUDWATCH_TEST(list_metrics_has_pages_of_500),
        CLOUDWATCH_TEST(the_query_protocol_speaks_xml),
        CLOUDWATCH_TEST(the_other_protocols_name_the_query_error),
        CLOUDWATCH_TEST(the_page_for_prometheus_shows_the_same),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
