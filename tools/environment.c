#include "tools/environment.h"

#include <limits.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>

struct variable {
    const char *name;
    const char *value;
};

/* Whatever the endpoint: nothing asks, nothing pages, and replies have the form pages quote. */
static const struct variable PLAIN_OUTPUT[] = {
    { "AWS_PAGER", "" },
    { "AWS_CLI_AUTO_PROMPT", "off" },
    { "AWS_DEFAULT_OUTPUT", "json" },
};

/* Away from AWS: a server that does not answer is told at once, and no metadata service is asked.
 */
static const struct variable AWAY_FROM_AWS[] = {
    { "AWS_MAX_ATTEMPTS", "2" },
    { "AWS_EC2_METADATA_DISABLED", "true" },
};

static const struct variable CREDENTIALS[] = {
    { "AWS_ACCESS_KEY_ID", "rehearsal" },
    { "AWS_SECRET_ACCESS_KEY", "rehearsal" },
};

static const struct variable REGION[] = {
    { "AWS_REGION", "us-east-1" },
    { "AWS_DEFAULT_REGION", "us-east-1" },
};

static const struct variable NO_CONFIGURATION[] = {
    { "AWS_CONFIG_FILE", "/dev/null" },
    { "AWS_SHARED_CREDENTIALS_FILE", "/dev/null" },
};

#define SET_ALL(table) set_all((table), sizeof(table) / sizeof(table)[0])

static void set_all(const struct variable *variables, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        (void)setenv(variables[i].name, variables[i].value, 1);
    }
}

static void set_endpoint(const char *url)
{
    (void)setenv("AWS_ENDPOINT_URL", url, 1);
    (void)setenv("AWS_ENDPOINT_URL_DYNAMODB", url, 1);
    (void)unsetenv("AWS_IGNORE_CONFIGURED_ENDPOINT_URLS");
}

static void use_plain_output(void)
{
    SET_ALL(PLAIN_OUTPUT);
    (void)unsetenv("BASH_ENV"); /* read by every bash that is not interactive */
}

/* A proxy for the way out must not stand before our own machine. */
static void pass_by_proxy(const char *host)
{
    const char *others = getenv("no_proxy");
    others = others != NULL ? others : getenv("NO_PROXY");
    char list[PATH_MAX];
    int length = snprintf(list, sizeof list, "%s%s%s", others != NULL ? others : "",
                          others != NULL && others[0] != '\0' ? "," : "", host);
    const char *value = length < (int)sizeof list ? list : host;
    (void)setenv("no_proxy", value, 1);
    (void)setenv("NO_PROXY", value, 1);
}

void environment_clear_for_private_server(void)
{
    static const char *const names[] = { "REHEARSEDB_DATA", "REHEARSEDB_HOST" };
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        (void)unsetenv(names[i]);
    }
}

void environment_use_private_server(const char *url)
{
    static const char *const names[] = { "AWS_PROFILE", "AWS_DEFAULT_PROFILE",
                                         "AWS_SESSION_TOKEN" };
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        (void)unsetenv(names[i]);
    }
    use_plain_output();
    set_endpoint(url);
    SET_ALL(AWAY_FROM_AWS);
    SET_ALL(CREDENTIALS);
    SET_ALL(REGION);
    SET_ALL(NO_CONFIGURATION);
    (void)setenv("REHEARSEDB_ENDPOINT", url, 1);
    pass_by_proxy("127.0.0.1");
}

void environment_use_endpoint(const char *url, bool is_rehearsedb)
{
    use_plain_output();
    set_endpoint(url);
    SET_ALL(AWAY_FROM_AWS);
    if (getenv("AWS_ACCESS_KEY_ID") == NULL && getenv("AWS_PROFILE") == NULL) {
        SET_ALL(CREDENTIALS);
    }
    if (getenv("AWS_REGION") == NULL && getenv("AWS_DEFAULT_REGION") == NULL) {
        SET_ALL(REGION);
    }
    if (is_rehearsedb) {
        (void)setenv("REHEARSEDB_ENDPOINT", url, 1);
    } else {
        (void)unsetenv("REHEARSEDB_ENDPOINT");
    }
}

void environment_use_aws(void)
{
    use_plain_output();
    (void)unsetenv("REHEARSEDB_ENDPOINT");
}
