/*
 * The processes below another one, as /proc shows them at this moment.
 *
 * A process group loses those who make a group or session of their own; parentage does not, as long
 * as who loses its parent is given to us (process_catch_interrupts sees to that).
 */

#ifndef REHEARSEDB_TOOLS_PROCESS_TREE_H
#define REHEARSEDB_TOOLS_PROCESS_TREE_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

struct arena;

/* In the arena. */
struct process_list {
    const pid_t *ids;
    size_t count;
};

/*
 * Children of `root`, their children and so on, those of `spared` and below left out. Processes
 * that have ended and were not waited for yet do not count.
 */
struct process_list
process_tree_list(struct arena *arena, pid_t root, const pid_t *spared, size_t spared_count);

/* The parent; 0 if there is no such process. */
pid_t process_tree_parent(pid_t id);

#endif
