/*
 * The program rehearsedb: `serve` (also without a command), `health`, `version`.
 */

#include "server/config.h"
#include "server/control_endpoint.h"
#include "server/dynamodb_endpoint.h"
#include "server/health.h"
#include "server/router.h"

#include <signal.h>
#include <string.h>

enum {
    EXIT_FINE = 0,
    EXIT_USAGE = 2,
    EXIT_UNREACHABLE = 3,
    MESSAGE_SIZE = 512,
    OTHER_READERS = 8, /* threads that read the store besides those that answer requests */
};

extern char **environ;

static int fail(int exit_code, const char *message)
{
    (void)fprintf(stderr, "rehearsedb: %s\n", message);
    return exit_code;
}

static int print_help(void)
{
    (void)printf("rehearsedb %s: a DynamoDB-compatible server to rehearse index migrations on\n"
                 "\n"
                 "usage: rehearsedb [serve] [FLAG ...]\n"
                 "       rehearsedb health [--endpoint URL]   is a server ready there?\n"
                 "       rehearsedb version\n"
                 "\n"
                 "Flags of serve, as --flag VALUE or --flag=VALUE:\n",
                 REHEARSEDB_VERSION);
    config_print_flags(stdout);
    (void)printf("\n"
                 "Each flag has an environment variable: --map-size is REHEARSEDB_MAP_SIZE.\n"
                 "A flag beats its variable. health asks http://127.0.0.1:PORT, PORT being\n"
                 "REHEARSEDB_PORT or 8000. Exit codes: 0 fine, 2 wrong usage, 3 the data, the\n"
                 "address or the endpoint cannot be used.\n");
    return EXIT_FINE;
}

static int health(int argument_count, char *const *arguments)
{
    char endpoint[64];
    char message[MESSAGE_SIZE];
    const char *port = config_environment(environ, "REHEARSEDB_PORT");
    (void)snprintf(endpoint, sizeof endpoint, "http://127.0.0.1:%s", port != NULL ? port : "8000");
    const char *asked = endpoint;
    const char assigned[] = "--endpoint=";
    if (argument_count == 2 && strcmp(arguments[0], "--endpoint") == 0) {
        asked = arguments[1];
    } else if (argument_count == 1 && strncmp(arguments[0], assigned, strlen(assigned)) == 0) {
        asked = arguments[0] + strlen(assigned);
    } else if (argument_count != 0) {
        return fail(EXIT_USAGE, "usage: rehearsedb health [--endpoint URL]");
    }
    return health_check(asked, message, sizeof message) ? EXIT_FINE
                                                        : fail(EXIT_UNREACHABLE, message);
}

static void print_banner(const struct config *config, uint16_t port)
{
    bool bare_ipv6 = strchr(config->host, ':') != NULL && config->host[0] != '[';
    (void)printf("rehearsedb %s listening on http://%s%s%s:%u (profile %s, %s%s%s, %s)\n",
                 REHEARSEDB_VERSION, bare_ipv6 ? "[" : "", config->host, bare_ipv6 ? "]" : "",
                 (unsigned)port, config->profile, config->throttles ? "throttling, " : "",
                 config->in_memory ? "in memory" : "durable, data in ",
                 config->in_memory ? "" : config->data_directory,
                 config->is_isolated ? "tables apart by access key and region"
                                     : "tables shared by all callers");
    (void)fflush(stdout); /* whoever started us may be reading a pipe */
}

/* Serves until one of `signals`. */
static int serve_api(const struct config *config, struct api *api, const sigset_t *signals)
{
    char message[MESSAGE_SIZE];
    struct arena arena;
    arena_init(&arena);
    struct dynamodb_endpoint dynamodb;
    struct control_endpoint control;
    dynamodb_endpoint_init(&dynamodb, &arena, api, config->region);
    control_endpoint_init(&control, api, config->host, config->control_token);
    struct router router = { .dynamodb = &dynamodb, .control = &control, .api = api };
    struct http_server_options options = { .host = config->host,
                                           .port = (uint16_t)config->port,
                                           .threads = (unsigned)config->threads,
                                           .handle = router_handle,
                                           .context = &router };
    struct http_server *server = NULL;
    int exit_code = EXIT_FINE;
    if (http_server_open(&options, &server, message, sizeof message)) {
        print_banner(config, http_server_port(server));
        int received = 0;
        (void)sigwait(signals, &received);
        api_end_delays(api);
        http_server_close(server);
    } else {
        exit_code = fail(EXIT_UNREACHABLE, message);
    }
    arena_deinit(&arena);
    return exit_code;
}

static int serve(int argument_count, char *const *arguments)
{
    char message[MESSAGE_SIZE];
    struct config config;
    if (!config_read(argument_count, arguments, environ, &config, message, sizeof message)) {
        return fail(EXIT_USAGE, message);
    }
    /* Blocked before any thread starts, so that all inherit it and sigwait alone receives them. */
    sigset_t signals;
    (void)sigemptyset(&signals);
    (void)sigaddset(&signals, SIGTERM);
    (void)sigaddset(&signals, SIGINT);
    (void)pthread_sigmask(SIG_BLOCK, &signals, NULL);
    (void)sigaction(SIGPIPE, &(struct sigaction){ .sa_handler = SIG_IGN }, NULL);

    struct api_options options = { .data_directory =
                                       config.in_memory ? NULL : config.data_directory,
                                   .map_size_bytes = (uint64_t)config.map_size_bytes,
                                   .readers_max = (uint32_t)config.threads + OTHER_READERS,
                                   .durations = config.durations,
                                   .item_count_refresh_ms = config.item_count_refresh_ms,
                                   .index_lag_ms = config.index_lag_ms,
                                   .throttles = config.throttles,
                                   .other_resources = config.other_resources,
                                   .stacks_wait_for_index = config.stacks_wait_for_index,
                                   .profile = config.profile,
                                   .region = config.region,
                                   .wording = config.wording,
                                   .is_isolated = config.is_isolated };
    struct api *api = NULL;
    if (!api_open(&options, &api, message, sizeof message)) {
        return fail(EXIT_UNREACHABLE, message);
    }
    int exit_code = serve_api(&config, api, &signals);
    api_close(api);
    return exit_code;
}

int main(int argument_count, char **arguments)
{
    for (int i = 1; i < argument_count; i++) {
        if (strcmp(arguments[i], "--help") == 0) {
            return print_help();
        }
    }
    if (argument_count > 1 && strcmp(arguments[1], "health") == 0) {
        return health(argument_count - 2, arguments + 2);
    }
    if (argument_count > 1 &&
        (strcmp(arguments[1], "version") == 0 || strcmp(arguments[1], "--version") == 0)) {
        if (argument_count > 2) {
            return fail(EXIT_USAGE, "usage: rehearsedb version");
        }
        (void)printf("rehearsedb %s\n", REHEARSEDB_VERSION);
        return EXIT_FINE;
    }
    int skipped = argument_count > 1 && strcmp(arguments[1], "serve") == 0 ? 2 : 1;
    return serve(argument_count - skipped, arguments + skipped);
}
