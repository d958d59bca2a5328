#include "tools/drive/read_index.h"

#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct read_index {
    const char *path; /* NULL: it never changes */
    pthread_mutex_t lock;
    char name[INDEX_NAME_SIZE]; /* empty: none */
};

/* False with errno, or 0 when it names nothing. */
static bool read_name(const char *path, char out_name[INDEX_NAME_SIZE])
{
    static const char blanks[] = " \t\r\n";
    char text[2 * INDEX_NAME_SIZE];
    FILE *file = fopen(path, "rbe");
    if (file == NULL) {
        return false;
    }
    size_t length = fread(text, 1, sizeof text - 1, file);
    errno = 0;
    (void)fclose(file);
    text[length] = '\0';
    const char *name = text + strspn(text, blanks);
    length = strcspn(name, blanks);
    if (length == 0 || length >= INDEX_NAME_SIZE) {
        return false;
    }
    memcpy(out_name, name, length);
    out_name[length] = '\0';
    return true;
}

struct read_index *
read_index_open(const char *index, const char *path, char *out_reason, size_t reason_size)
{
    char name[INDEX_NAME_SIZE] = "";
    if (path != NULL && !read_name(path, name)) {
        (void)snprintf(out_reason, reason_size, "cannot read the name of an index from %s%s%s",
                       path, errno != 0 ? ": " : "", errno != 0 ? strerror(errno) : "");
        return NULL;
    }
    struct read_index *read_index = calloc(1, sizeof *read_index);
    if (read_index == NULL) {
        abort(); /* out of memory */
    }
    read_index->path = path;
    (void)pthread_mutex_init(&read_index->lock, NULL);
    (void)snprintf(read_index->name, sizeof read_index->name, "%s", index != NULL ? index : name);
    return read_index;
}

void read_index_close(struct read_index *read_index)
{
    (void)pthread_mutex_destroy(&read_index->lock);
    free(read_index);
}

bool read_index_look(struct read_index *read_index, char out_name[INDEX_NAME_SIZE])
{
    return read_index->path != NULL && read_name(read_index->path, out_name) &&
           strcmp(out_name, read_index->name) != 0;
}

void read_index_switch(struct read_index *read_index, const char *name)
{
    (void)pthread_mutex_lock(&read_index->lock);
    (void)snprintf(read_index->name, sizeof read_index->name, "%s", name);
    (void)pthread_mutex_unlock(&read_index->lock);
}

bool read_index_name(struct read_index *read_index, char out_name[INDEX_NAME_SIZE])
{
    (void)pthread_mutex_lock(&read_index->lock);
    memcpy(out_name, read_index->name, INDEX_NAME_SIZE);
    (void)pthread_mutex_unlock(&read_index->lock);
    return out_name[0] != '\0';
}
