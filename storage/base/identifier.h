/* Names nobody chose: random identifiers in text. Any thread. */

#ifndef REHEARSEDB_STORAGE_BASE_IDENTIFIER_H
#define REHEARSEDB_STORAGE_BASE_IDENTIFIER_H

#include "storage/base/bytes.h"

/* A random UUID (version 4), 36 characters, in the arena. */
struct bytes identifier_uuid(struct arena *arena);

#endif
