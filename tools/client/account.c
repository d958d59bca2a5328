#include "tools/client/account.h"

#include "storage/base/arena.h"
#include "storage/base/bytes.h"
#include "tools/client/json.h"
#include "tools/process.h"

#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <ini.h>

static const char *environment(const char *name)
{
    const char *value = getenv(name);
    return value != NULL && value[0] != '\0' ? value : NULL;
}

static const char *copy(struct arena *arena, const char *text)
{
    return bytes_to_text(arena, bytes_of_text(text));
}

/* ---- the shared files ---- */

struct profile_search {
    struct arena *arena;
    const char *name;
    struct account *account;
};

/* A value of the profile, unless it is known already. */
static int take_value(void *context, const char *section, const char *name, const char *value)
{
    struct profile_search *search = context;
    static const char prefix[] = "profile "; /* as the configuration file writes it */
    const char *profile =
        strncmp(section, prefix, sizeof prefix - 1) == 0 ? section + sizeof prefix - 1 : section;
    struct account *account = search->account;
    struct {
        const char *name;
        const char **field;
    } fields[] = { { "aws_access_key_id", &account->access_key_id },
                   { "aws_secret_access_key", &account->secret_access_key },
                   { "aws_session_token", &account->session_token },
                   { "region", &account->region } };
    for (size_t i = 0; strcmp(profile, search->name) == 0 && i < sizeof fields / sizeof *fields;
         i++) {
        if (strcmp(name, fields[i].name) == 0 && *fields[i].field == NULL && value[0] != '\0') {
            *fields[i].field = copy(search->arena, value);
        }
    }
    return 1;
}

static void read_file(struct profile_search *search, const char *variable, const char *name)
{
    char path[PATH_MAX];
    const char *given = environment(variable);
    const char *home = environment("HOME");
    if (given == NULL && home == NULL) {
        return;
    }
    int length = given != NULL ? snprintf(path, sizeof path, "%s", given)
                               : snprintf(path, sizeof path, "%s/.aws/%s", home, name);
    if (length > 0 && (size_t)length < sizeof path) {
        (void)ini_parse(path, take_value, search); /* none, or a damaged one: nothing found */
    }
}

/* ---- what the AWS CLI knows ---- */

/* What `aws configure export-credentials` prints; empty: it cannot. */
static struct bytes run_cli(struct arena *arena)
{
    static const char *const command[] = { "aws",      "configure", "export-credentials",
                                           "--format", "process",   NULL };
    struct process process = { .id = 0 };
    struct buffer text;
    char part[1024];
    int from = -1;
    int to = -1;
    buffer_init(&text, arena, sizeof part);
    if (process_pipe(&from, &to) != 0) {
        return BYTES("");
    }
    int null = open("/dev/null", O_WRONLY | O_CLOEXEC);
    const struct process_redirect redirects[] = { { to, STDOUT_FILENO }, { null, STDERR_FILENO } };
    int error = process_start(&process, command, redirects, 2);
    (void)close(to);
    (void)close(null);
    for (ssize_t length; error == 0 && (length = read(from, part, sizeof part)) > 0;) {
        buffer_append(&text, part, (size_t)length);
    }
    (void)close(from);
    process_end(&process, 1000);
    return buffer_view(&text);
}

static void ask_cli(struct arena *arena, struct account *account)
{
    struct cJSON *tree = json_parse(run_cli(arena));
    const char *id = json_text(json_member(tree, "AccessKeyId"), NULL);
    const char *secret = json_text(json_member(tree, "SecretAccessKey"), NULL);
    const char *token = json_text(json_member(tree, "SessionToken"), NULL);
    if (id != NULL && secret != NULL) {
        account->access_key_id = copy(arena, id);
        account->secret_access_key = copy(arena, secret);
        account->session_token = token != NULL ? copy(arena, token) : NULL;
    }
    json_free(tree);
}

/* ---- all together ---- */

static bool has_keys(const struct account *account)
{
    return account->access_key_id != NULL && account->secret_access_key != NULL;
}

static void find_keys(struct arena *arena, bool is_aws, struct account *account)
{
    struct account keys = { .region = "" };
    keys.access_key_id = environment("AWS_ACCESS_KEY_ID");
    keys.secret_access_key = environment("AWS_SECRET_ACCESS_KEY");
    keys.session_token = environment("AWS_SESSION_TOKEN");
    if (!has_keys(&keys)) {
        keys = *account;
    }
    if (!has_keys(&keys) && is_aws) {
        ask_cli(arena, &keys);
    }
    if (!has_keys(&keys) && !is_aws) {
        keys = (struct account){ .access_key_id = "rehearsal", .secret_access_key = "rehearsal" };
    }
    account->access_key_id = keys.access_key_id;
    account->secret_access_key = keys.secret_access_key;
    account->session_token = keys.session_token;
}

bool account_find(struct arena *arena,
                  const char *region,
                  bool is_aws,
                  struct account *out_account,
                  char *out_reason,
                  size_t reason_size)
{
    const char *profile = environment("AWS_PROFILE");
    struct account account = { .region = NULL };
    struct profile_search search = { .arena = arena,
                                     .name = profile != NULL ? profile : "default",
                                     .account = &account };
    read_file(&search, "AWS_SHARED_CREDENTIALS_FILE", "credentials");
    read_file(&search, "AWS_CONFIG_FILE", "config");
    find_keys(arena, is_aws, &account);
    const char *given = region != NULL ? region : environment("AWS_REGION");
    given = given != NULL ? given : environment("AWS_DEFAULT_REGION");
    account.region = given != NULL ? copy(arena, given) : account.region;
    if (account.region == NULL && !is_aws) {
        account.region = "us-east-1";
    }
    if (account.region == NULL) {
        (void)snprintf(out_reason, reason_size,
                       "no region: give --region, or set AWS_REGION or a profile's region");
        return false;
    }
    if (!has_keys(&account)) {
        (void)snprintf(out_reason, reason_size,
                       "no credentials: set AWS_PROFILE or AWS_ACCESS_KEY_ID and "
                       "AWS_SECRET_ACCESS_KEY, or log in with the AWS CLI");
        return false;
    }
    *out_account = account;
    return true;
}
