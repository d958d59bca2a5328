/* Templates of stacks with a table `T` or a few, as JSON with single quotes, and what is said of
 * them. */

#ifndef REHEARSEDB_TESTS_SUPPORT_STACK_TEMPLATES_H
#define REHEARSEDB_TESTS_SUPPORT_STACK_TEMPLATES_H

#define NAME "'StackName':'app'"
#define ATTRIBUTES                                                                                 \
    "'AttributeDefinitions':[{'AttributeName':'id','AttributeType':'S'},"                          \
    "{'AttributeName':'user','AttributeType':'S'}],"
#define KEYS "'KeySchema':[{'AttributeName':'id','KeyType':'HASH'}],"
#define INDEX(name, attributes)                                                                    \
    "{'IndexName':'" name "','KeySchema':[{'AttributeName':'user','KeyType':'HASH'}],"             \
    "'Projection':{'ProjectionType':'INCLUDE','NonKeyAttributes':[" attributes "]}}"
#define TABLE_OF(keys, indexes, more)                                                              \
    "{'Type':'AWS::DynamoDB::Table'," more "'Properties':{" ATTRIBUTES keys                        \
    "'BillingMode':'PAY_PER_REQUEST','GlobalSecondaryIndexes':[" indexes "]}}"
#define STACK_OF(resources) "{'Resources':{" resources "},'Outputs':{'Name':{'Value':{'Ref':'T'}}}}"
#define ONE(indexes)        STACK_OF("'T':" TABLE_OF(KEYS, indexes, ""))

#define FIRST   ONE(INDEX("by-user", "'a'"))
#define CHANGED ONE(INDEX("by-user", "'a','b'"))
#define BESIDE  ONE(INDEX("by-user", "'a'") "," INDEX("by-user-2", "'a','b'"))
#define REPLACED                                                                                   \
    STACK_OF("'T':" TABLE_OF("'KeySchema':[{'AttributeName':'id','KeyType':'HASH'},"               \
                             "{'AttributeName':'user','KeyType':'RANGE'}],",                       \
                             INDEX("by-user", "'a'"), ""))

#define PROJECTION                                                                                 \
    "Resource handler returned message: \"Cannot update GSI's properties other than Provisioned "  \
    "Throughput and Contributor Insights Specification. You can create a new GSI with a "          \
    "different name.\" (RequestToken: UUID, HandlerErrorCode: InvalidRequest)"

/* A table whose name somebody may have already. */
#define TAKEN                                                                                      \
    STACK_OF("'T':{'Type':'AWS::DynamoDB::Table','Properties':{'TableName':'taken',"               \
             "'AttributeDefinitions':[{'AttributeName':'id','AttributeType':'S'}]," KEYS           \
             "'BillingMode':'PAY_PER_REQUEST'}}")

/* A table that needs no index; `more` is further properties, each with a comma behind it. */
#define PLAIN(more)                                                                                \
    "{'Type':'AWS::DynamoDB::Table','Properties':{" more                                           \
    "'AttributeDefinitions':[{'AttributeName':'id','AttributeType':'S'}]," KEYS                    \
    "'BillingMode':'PAY_PER_REQUEST'}}"

#endif
