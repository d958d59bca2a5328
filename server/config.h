/*
 * The settings of `rehearsedb serve`: one table, read from flags and the environment.
 *
 * A flag is written `--flag value` or `--flag=value`; its environment variable is REHEARSEDB_ and
 * the flag in capitals, `-` as `_` (`--map-size`: REHEARSEDB_MAP_SIZE). A flag beats its variable,
 * a variable beats the default; an empty variable counts as unset. Texts in the result are borrowed
 * from the arguments, the environment or the table.
 */

#ifndef REHEARSEDB_SERVER_CONFIG_H
#define REHEARSEDB_SERVER_CONFIG_H

#include "api/api.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

struct config {
    const char *host;
    int64_t port; /* 0: any free one */
    const char *data_directory;
    bool in_memory;
    const char *profile;
    struct durations durations; /* the profile's, each overridden by its own flag */
    int64_t item_count_refresh_ms;
    int64_t index_lag_ms;
    bool throttles;
    enum api_other_resources other_resources;
    bool stacks_wait_for_index;
    int64_t threads;
    int64_t map_size_bytes;
    const char *region;
    enum api_wording wording;
    bool is_isolated;
    const char *control_token; /* NULL: none */
};

/*
 * Reads the flags after the command and the environment (as `environ`). False when something is
 * wrong; `out_message` then names the flag, the value and what is allowed.
 */
bool config_read(int argument_count,
                 char *const *arguments,
                 char *const *environment,
                 struct config *out_config,
                 char *out_message,
                 size_t message_size);

/* The value of a variable, NULL if it is absent or empty. */
const char *config_environment(char *const *environment, const char *name);

/* Every flag with what it allows, its default and its meaning. */
void config_print_flags(FILE *stream);

#endif
