#include "tools/process_tree.h"

#include "storage/base/arena.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { STAT_SIZE = 512 };

struct entry {
    pid_t id;
    pid_t parent;
    bool below; /* the root, or found to descend from it */
};

struct table {
    struct entry *entries;
    size_t count;
    size_t capacity;
};

/* stat = id " (" name ") " state " " parent " " …   and the name may hold anything: proc(5) */
static bool read_entry(const char *id_text, struct entry *out)
{
    char path[64];
    char stat[STAT_SIZE];
    (void)snprintf(path, sizeof path, "/proc/%.20s/stat", id_text);
    FILE *file = fopen(path, "re");
    if (file == NULL) {
        return false;
    }
    size_t length = fread(stat, 1, sizeof stat - 1, file);
    (void)fclose(file);
    stat[length] = '\0';
    const char *name_end = strrchr(stat, ')');
    if (name_end == NULL || strlen(name_end) < sizeof ") S 1" - 1 || name_end[2] == 'Z') {
        return false;
    }
    *out = (struct entry){
        .id = (pid_t)strtol(id_text, NULL, 10),
        .parent = (pid_t)strtol(name_end + 3, NULL, 10),
    };
    return true;
}

static struct table read_table(struct arena *arena)
{
    struct table table = { .entries = arena_alloc(arena, 0) };
    DIR *folder = opendir("/proc");
    struct dirent *found = NULL;
    while (folder != NULL &&
           (found = readdir(folder)) != NULL) { /* NOLINT(concurrency-mt-unsafe) */
        struct entry entry;
        if (found->d_name[0] < '1' || found->d_name[0] > '9' ||
            !read_entry(found->d_name, &entry)) {
            continue;
        }
        if (table.count == table.capacity) {
            size_t old_size = table.capacity * sizeof entry;
            table.capacity = table.capacity * 2 + 256;
            table.entries =
                arena_grow(arena, table.entries, old_size, table.capacity * sizeof entry);
        }
        table.entries[table.count++] = entry;
    }
    if (folder != NULL) {
        (void)closedir(folder);
    }
    return table;
}

static bool contains(const pid_t *ids, size_t count, pid_t id)
{
    for (size_t i = 0; i < count; i++) {
        if (ids[i] == id) {
            return true;
        }
    }
    return false;
}

static bool parent_is_below(const struct table *table, pid_t parent)
{
    for (size_t i = 0; i < table->count; i++) {
        if (table->entries[i].id == parent) {
            return table->entries[i].below;
        }
    }
    return false;
}

struct process_list
process_tree_list(struct arena *arena, pid_t root, const pid_t *spared, size_t spared_count)
{
    struct table table = read_table(arena);
    pid_t *ids = arena_alloc(arena, (table.count + 1) * sizeof *ids);
    size_t count = 0;
    for (bool more = true; more;) { /* once for each generation */
        more = false;
        for (size_t i = 0; i < table.count; i++) {
            struct entry *entry = &table.entries[i];
            bool is_child = entry->parent == root || parent_is_below(&table, entry->parent);
            if (!entry->below && is_child && !contains(spared, spared_count, entry->id)) {
                entry->below = true;
                ids[count++] = entry->id;
                more = true;
            }
        }
    }
    return (struct process_list){ .ids = ids, .count = count };
}

pid_t process_tree_parent(pid_t id)
{
    char text[24];
    struct entry entry;
    (void)snprintf(text, sizeof text, "%ld", (long)id);
    return read_entry(text, &entry) ? entry.parent : 0;
}
