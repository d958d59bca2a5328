/* How storage functions end. Few, because a caller can act on few. */

#ifndef REHEARSEDB_STORAGE_BASE_STATUS_H
#define REHEARSEDB_STORAGE_BASE_STATUS_H

enum storage_status {
    STORAGE_OK,
    STORAGE_NOT_FOUND,
    STORAGE_FULL,    /* the map or the disk has no room; nothing was changed */
    STORAGE_CORRUPT, /* stored bytes are not what they should be */
    STORAGE_IO,      /* anything else the system refused */
};

/* "full", … for the log; static text. */
const char *storage_status_text(enum storage_status status);

#endif
