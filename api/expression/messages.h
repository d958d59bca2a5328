/*
 * Every text an expression can be refused with, character for character as the service sends it.
 *
 * Formats for expression_fail, which puts "Invalid <kind>: " before the text, and
 * expression_refuse, which does not. The odd trailing semicolons are the service's.
 */

#ifndef REHEARSEDB_API_EXPRESSION_MESSAGES_H
#define REHEARSEDB_API_EXPRESSION_MESSAGES_H

#include "api/expression/expression.h"

/*
 * Refuses with "Invalid <kind>: " and the text. Returns false. Does nothing when the context has
 * refused already.
 */
bool messages_fail(struct expression_context *context, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* The same without "Invalid <kind>: ". */
bool messages_refuse(struct expression_context *context, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* Shape: with prefix, from the parser. */

#define MESSAGE_TOO_LONG                                                                           \
    "Expression size has exceeded the maximum allowed size; expression size: %zu"
#define MESSAGE_EMPTY                 "The expression can not be empty;"
#define MESSAGE_SYNTAX                "Syntax error; token: \"%.*s\", near: \"%.*s\""
#define MESSAGE_REDUNDANT_PARENTHESES "The expression has redundant parentheses;"
#define MESSAGE_TOO_MANY_OPERATORS    "The expression contains too many operators; operator count: %zu"
#define MESSAGE_UNKNOWN_FUNCTION      "Invalid function name; function: %.*s"
#define MESSAGE_NOT_FOR_CONDITIONS                                                                 \
    "The function is not allowed in a condition expression; function: %.*s"
#define MESSAGE_NOT_FOR_UPDATES                                                                    \
    "The function is not allowed in an update expression; function: %.*s"
#define MESSAGE_MISUSED_FUNCTION                                                                   \
    "The function is not allowed to be used this way in an expression; function: %.*s"
#define MESSAGE_RESERVED_WORD   "Attribute name is a reserved keyword; reserved keyword: %.*s"
#define MESSAGE_SECTION_TWICE   "The \"%s\" section can only be used once in an update expression;"
#define MESSAGE_PATH_TOO_DEEP   "The document path has too many nesting elements; nesting levels: %zu"
#define MESSAGE_INDEX_TOO_LARGE "List index is not within the allowable range; index: [%.*s]"

/* Operands: with prefix, once names and values are known. */

#define MESSAGE_UNDEFINED_NAME                                                                     \
    "An expression attribute name used in the document path is not defined; "                      \
    "attribute name: %.*s"
#define MESSAGE_UNDEFINED_VALUE                                                                    \
    "An expression attribute value used in expression is not defined; attribute value: %.*s"
#define MESSAGE_OPERANDS_COUNT                                                                     \
    "Incorrect number of operands for operator or function; "                                      \
    "operator or function: %s, number of operands: %zu"
#define MESSAGE_IN_OPERANDS                                                                        \
    "The IN operator is provided with too many operands; number of operands: %zu"
#define MESSAGE_EQUAL_OPERANDS                                                                     \
    "The first operand must be distinct from the remaining operands for this operator or "         \
    "function; operator: %s, first operand: %.*s"
#define MESSAGE_PATH_WANTED                                                                        \
    "Operator or function requires a document path; operator or function: %s"
#define MESSAGE_OPERAND_TYPE                                                                       \
    "Incorrect operand type for operator or function; "                                            \
    "operator or function: %s, operand type: %s"
#define MESSAGE_TYPE_NAME                                                                          \
    "Invalid attribute type name found; type: %.*s, "                                              \
    "valid types: {S,SS,N,NS,B,BS,BOOL,NULL,L,M}"
#define MESSAGE_BETWEEN_TYPES                                                                      \
    "The BETWEEN operator requires same data type for lower and upper bounds; "                    \
    "lower bound operand: AttributeValue: {%.*s}, upper bound operand: AttributeValue: {%.*s}"
#define MESSAGE_BETWEEN_ORDER                                                                      \
    "The BETWEEN operator requires upper bound to be greater than or equal to lower bound; "       \
    "lower bound operand: AttributeValue: {%.*s}, upper bound operand: AttributeValue: {%.*s}"

/* What MESSAGE_OPERAND_TYPE shows when attribute_type gets a path where a type's name belongs. */
#define ANY_OPERAND_TYPE                                                                           \
    "{S,SS,N,NS,B,BS,BOOL,NULL,L,M,HD,DOUBLE,FLOAT,HDS,FS,DOUBLESET,DICT,DECIMAL,INT,"             \
    "DECIMALSET,INTSET}"

/* Paths of projections and updates: with prefix. */

#define MESSAGE_PATHS_OVERLAP                                                                      \
    "Two document paths overlap with each other; must remove or rewrite one of these paths; "      \
    "path one: %.*s, path two: %.*s"
#define MESSAGE_PATHS_CONFLICT                                                                     \
    "Two document paths conflict with each other; must remove or rewrite one of these paths; "     \
    "path one: %.*s, path two: %.*s"

/* Updates: with prefix, once values are known. */

#define MESSAGE_ADD_TYPE                                                                           \
    "Incorrect operand type for operator or function; operator: ADD, operand type: %s, "           \
    "typeSet: ALLOWED_FOR_ADD_OPERAND"
#define MESSAGE_DELETE_TYPE                                                                        \
    "Incorrect operand type for operator or function; operator: DELETE, operand type: %s, "        \
    "typeSet: ALLOWED_FOR_DELETE_OPERAND"

/* Updates, applied to an item: no prefix. */

#define MESSAGE_UPDATE_PATH                                                                        \
    "The document path provided in the update expression is invalid for update"
#define MESSAGE_UPDATE_MISSING                                                                     \
    "The provided expression refers to an attribute that does not exist in the item"
#define MESSAGE_UPDATE_TYPE "An operand in the update expression has an incorrect data type"
#define MESSAGE_UPDATE_SIZE "Item size to update has exceeded the maximum allowed size"
#define MESSAGE_UPDATE_NESTING                                                                     \
    "Nesting Levels have exceeded supported limits: Attributes in the item have nested levels "    \
    "beyond supported limit"
#define MESSAGE_UPDATE_OVERFLOW                                                                    \
    "Number overflow. Attempting to store a number with magnitude larger than supported range"
#define MESSAGE_UPDATE_UNDERFLOW                                                                   \
    "Number underflow. Attempting to store a number with magnitude smaller than supported range"

/* Placeholder tables: no prefix. */

#define MESSAGE_NAMES_EMPTY  "ExpressionAttributeNames must not be empty"
#define MESSAGE_VALUES_EMPTY "ExpressionAttributeValues must not be empty"
#define MESSAGE_NAMES_KEY                                                                          \
    "ExpressionAttributeNames contains invalid key: Syntax error; key: \"%.*s\""
#define MESSAGE_VALUES_KEY                                                                         \
    "ExpressionAttributeValues contains invalid key: Syntax error; key: \"%.*s\""
#define MESSAGE_NAMES_UNUSED                                                                       \
    "Value provided in ExpressionAttributeNames unused in expressions: keys: {%.*s}"
#define MESSAGE_VALUES_UNUSED                                                                      \
    "Value provided in ExpressionAttributeValues unused in expressions: keys: {%.*s}"

/* Key conditions, shape: the first three with prefix, the rest without. */

#define MESSAGE_KEY_NESTED_PATH                                                                    \
    "KeyConditionExpressions cannot have conditions on nested attributes"
#define MESSAGE_KEY_NESTED_OPERATION "KeyConditionExpressions cannot contain nested operations"
#define MESSAGE_KEY_TWICE            "KeyConditionExpressions must only contain one condition per key"
#define MESSAGE_KEY_OPERATOR         "Invalid operator used in KeyConditionExpression: %s"
#define MESSAGE_KEY_FIRST_OPERAND                                                                  \
    "Invalid condition in KeyConditionExpression: %s operator must have the key attribute as its " \
    "first operand"
#define MESSAGE_KEY_SEVERAL_NAMES                                                                  \
    "Invalid condition in KeyConditionExpression: Multiple attribute names used in one condition"
#define MESSAGE_KEY_NO_NAME                                                                        \
    "Invalid condition in KeyConditionExpression: No key attribute specified"

/* Key conditions against a key schema: no prefix. */

#define MESSAGE_KEY_MISSED        "Query condition missed key schema element: %.*s"
#define MESSAGE_KEY_NOT_SUPPORTED "Query key condition not supported"
#define MESSAGE_KEY_TYPE                                                                           \
    "One or more parameter values were invalid: Condition parameter type does not match schema "   \
    "type"
#define MESSAGE_KEY_EMPTY                                                                          \
    "One or more parameter values are not valid. The AttributeValue for a key attribute cannot "   \
    "contain an empty %s value. Key: %.*s"
#define MESSAGE_KEY_GAP                                                                            \
    "RANGE key attributes %.*s must have equality conditions specified in the query because a "    \
    "condition is present on key attribute %.*s"

#define MESSAGE_KEY_NOT_INDEXABLE "Attempted conditional constraint is not an indexable operation"

/* Legacy parameters: no prefix. */

#define MESSAGE_LEGACY_INVALID "One or more parameter values were invalid: "
#define MESSAGE_LEGACY_VALUE_AND_LIST                                                              \
    MESSAGE_LEGACY_INVALID                                                                         \
    "Value and AttributeValueList cannot be used together for Attribute: %.*s"
#define MESSAGE_LEGACY_EXISTS_AND_OPERATOR                                                         \
    MESSAGE_LEGACY_INVALID                                                                         \
    "Exists and ComparisonOperator cannot be used together for Attribute: %.*s"
#define MESSAGE_LEGACY_VALUE_MISSING                                                               \
    MESSAGE_LEGACY_INVALID                                                                         \
    "Value or AttributeValueList must be used with ComparisonOperator: %s for Attribute: %.*s"
#define MESSAGE_LEGACY_LIST_ALONE                                                                  \
    MESSAGE_LEGACY_INVALID                                                                         \
    "AttributeValueList can only be used with a ComparisonOperator for Attribute: %.*s"
#define MESSAGE_LEGACY_EXISTS_ALONE                                                                \
    MESSAGE_LEGACY_INVALID "Value must be provided when Exists is %s for Attribute: %.*s"
#define MESSAGE_LEGACY_EXISTS_AND_VALUE                                                            \
    MESSAGE_LEGACY_INVALID "Value cannot be used when Exists is false for Attribute: %.*s"
#define MESSAGE_LEGACY_COUNT                                                                       \
    MESSAGE_LEGACY_INVALID "Invalid number of argument(s) for the %s ComparisonOperator"
#define MESSAGE_LEGACY_MIXED_TYPES                                                                 \
    MESSAGE_LEGACY_INVALID "AttributeValues inside AttributeValueList must be of same type"
#define MESSAGE_LEGACY_TYPE                                                                        \
    MESSAGE_LEGACY_INVALID "ComparisonOperator %s is not valid for %s AttributeValue type"
#define MESSAGE_LEGACY_BETWEEN_ORDER                                                               \
    "The BETWEEN condition was provided a range where the lower bound is greater than the upper "  \
    "bound"
#define MESSAGE_LEGACY_KEY_CONDITIONS_COUNT "Conditions can be of length 1 or 2 only"
#define MESSAGE_LEGACY_DUPLICATE_NAME                                                              \
    MESSAGE_LEGACY_INVALID "Duplicate value in attribute name: %.*s"

#define MESSAGE_LEGACY_UPDATE_VALUE_MISSING                                                        \
    MESSAGE_LEGACY_INVALID "Only DELETE action is allowed when no attribute value is specified"
#define MESSAGE_LEGACY_DELETE_TYPE                                                                 \
    MESSAGE_LEGACY_INVALID "DELETE action with value is not supported for the type %s"
#define MESSAGE_LEGACY_ADD_TYPE    MESSAGE_LEGACY_INVALID "ADD action is not supported for the type %s"
#define MESSAGE_LEGACY_UPDATE_TYPE "Type mismatch for attribute to update"

#endif
