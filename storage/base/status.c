#include "storage/base/status.h"

const char *storage_status_text(enum storage_status status)
{
    switch (status) {
    case STORAGE_OK:
        return "ok";
    case STORAGE_NOT_FOUND:
        return "not found";
    case STORAGE_FULL:
        return "no room left on the disk or in the map";
    case STORAGE_CORRUPT:
        return "stored bytes are damaged";
    case STORAGE_IO:
        break;
    }
    return "the system refused to read or write";
}
