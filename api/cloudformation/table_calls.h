/* What the calls are about that lead a table from one definition to the next. Pure. */

#ifndef REHEARSEDB_API_CLOUDFORMATION_TABLE_CALLS_H
#define REHEARSEDB_API_CLOUDFORMATION_TABLE_CALLS_H

#include "api/cloudformation/table_state.h"
#include "api/template/calls.h"
#include "storage/base/bytes.h"

struct arena;

enum index_call { INDEX_CALL_NONE, INDEX_CALL_CREATE, INDEX_CALL_DELETE };

enum index_call table_call_of_index(const struct call *call);

/* As JSON; an ARN that was not known is filled in. */
struct bytes
table_call_input(struct arena *arena, struct call *call, const struct table_state *state);

/* Whether what the call asks for is so already. Of a change of settings that cannot be told. */
bool table_call_is_so(const struct call *call, const struct table_state *state);

/* Whether one of the first `count` calls that were made is of the same kind: `call` takes it back.
 */
bool table_call_takes_back(const struct call *call, const struct call_list *made, size_t count);

#endif
