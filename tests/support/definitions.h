/*
 * Parts of the requests that define tables and indexes, as the tests of an API write them
 * (api_fixture.h): JSON with single quotes.
 */

#ifndef REHEARSEDB_TESTS_SUPPORT_DEFINITIONS_H
#define REHEARSEDB_TESTS_SUPPORT_DEFINITIONS_H

#define S(name)      "{'AttributeName':'" name "','AttributeType':'S'}"
#define N(name)      "{'AttributeName':'" name "','AttributeType':'N'}"
#define DEFINE(list) "'AttributeDefinitions':[" list "]"
#define HASH(name)   "{'AttributeName':'" name "','KeyType':'HASH'}"
#define RANGE(name)  "{'AttributeName':'" name "','KeyType':'RANGE'}"
#define KEY(list)    "'KeySchema':[" list "]"
#define ALL          "'Projection':{'ProjectionType':'ALL'}"
#define ON_DEMAND    "'BillingMode':'PAY_PER_REQUEST'"
#define PROVISIONED  "'BillingMode':'PROVISIONED'"
#define UNITS(read, write)                                                                         \
    "'ProvisionedThroughput':{'ReadCapacityUnits':" read ",'WriteCapacityUnits':" write "}"
#define LIMITS(members)   "'OnDemandThroughput':{" members "}"
#define MAX(read, write)  LIMITS("'MaxReadRequestUnits':" read ",'MaxWriteRequestUnits':" write)
#define WARM_OF(members)  "'WarmThroughput':{" members "}"
#define WARM(read, write) WARM_OF("'ReadUnitsPerSecond':" read ",'WriteUnitsPerSecond':" write)
#define STREAM(view)      "'StreamSpecification':{'StreamEnabled':true,'StreamViewType':'" view "'}"
#define NO_STREAM         "'StreamSpecification':{'StreamEnabled':false}"
#define ENCRYPT(members)  "'SSESpecification':{" members "}"
#define CLASS(name)       "'TableClass':'" name "'"
#define INFREQUENT        CLASS("STANDARD_INFREQUENT_ACCESS")
#define PROTECT(value)    "'DeletionProtectionEnabled':" value

#define GSI(name, hash, members) "{'IndexName':'" name "'," KEY(HASH(hash)) "," ALL members "}"
#define GSIS(list)               "'GlobalSecondaryIndexes':[" list "]"

#define UPDATES(list)         "'GlobalSecondaryIndexUpdates':[" list "]"
#define UPDATE(name, members) "{'Update':{'IndexName':'" name "'," members "}}"
#define DELETE(name)          "{'Delete':{'IndexName':'" name "'}}"
#define CREATE(name, members) "{'Create':{'IndexName':'" name "'," members "}}"

/* A request about the table that tests call Tab. */
#define TAB(members) "{'TableName':'Tab'," members "}"
#define TAB_ALONE    "{'TableName':'Tab'}"

#define ONE_AT_A_TIME                                                                              \
    "Subscriber limit exceeded: Only 1 online index can be created or deleted simultaneously per " \
    "table"

#endif
