#include "tools/private_server.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum {
    START_MS = 10000,
    STOP_MS = 5000,
    LOOK_EVERY_MS = 5,
    LINE_SIZE = 1024,
};

static const char PROGRAM_NAME[] = "rehearsedb";
static const char ANNOUNCEMENT[] = "listening on ";

/* The program beside ours if there is one, else its bare name, for a search in PATH. */
static void find_program(char *out_path, size_t size)
{
    ssize_t length = readlink("/proc/self/exe", out_path, size - 1);
    if (length > 0) {
        out_path[length] = '\0';
        char *name = strrchr(out_path, '/') + 1;
        size_t room = size - (size_t)(name - out_path);
        if (room >= sizeof PROGRAM_NAME) {
            memcpy(name, PROGRAM_NAME, sizeof PROGRAM_NAME);
            if (access(out_path, X_OK) == 0) {
                return;
            }
        }
    }
    (void)snprintf(out_path, size, "%s", PROGRAM_NAME);
}

/* Looks in the log for the line that tells the address, which is whole once its end is there. */
static bool find_announcement(struct private_server *server)
{
    FILE *log = fopen(server->log_path, "re");
    if (log == NULL) {
        return false;
    }
    bool found = false;
    char line[LINE_SIZE];
    while (!found && fgets(line, sizeof line, log) != NULL) {
        const char *url = strstr(line, ANNOUNCEMENT);
        if (url != NULL && strchr(url, '\n') != NULL) {
            url += sizeof ANNOUNCEMENT - 1;
            int length = (int)strcspn(url, " \t\r\n,;");
            (void)snprintf(server->url, sizeof server->url, "%.*s", length, url);
            found = strncmp(server->url, "http://", 7) == 0;
        }
    }
    (void)fclose(log);
    return found;
}

/* The last line of the log, for an error message; empty if there is none. */
static void last_words(const struct private_server *server, char *out_line, size_t size)
{
    out_line[0] = '\0';
    FILE *log = fopen(server->log_path, "re");
    if (log == NULL) {
        return;
    }
    char line[LINE_SIZE];
    while (fgets(line, sizeof line, log) != NULL) {
        line[strcspn(line, "\r\n")] = '\0';
        if (line[0] != '\0') {
            (void)snprintf(out_line, size, ": %s", line);
        }
    }
    (void)fclose(log);
}

static int start_process(struct private_server *server,
                         const char *program,
                         const struct private_server_options *options)
{
    const char *data = options->data_directory;
    const char *const argv[] = {
        program, "serve", "--port", "0", data != NULL ? "--data" : "--in-memory", data, NULL,
    };
    int log = open(server->log_path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_APPEND, 0666);
    if (log < 0) {
        return errno;
    }
    int nothing = open("/dev/null", O_RDONLY | O_CLOEXEC);
    struct process_redirect redirects[] = {
        { nothing, STDIN_FILENO },
        { log, STDOUT_FILENO },
        { log, STDERR_FILENO },
    };
    size_t redirect_count = sizeof redirects / sizeof redirects[0];
    int failure = options->lasting
                      ? process_start_lasting(&server->process, argv, redirects, redirect_count)
                      : process_start(&server->process, argv, redirects, redirect_count);
    (void)close(nothing);
    (void)close(log);
    return failure;
}

bool private_server_runs(struct private_server *server, char *out_reason, size_t reason_size)
{
    if (process_poll(&server->process)) {
        return true;
    }
    char end[64];
    char words[LINE_SIZE + 2];
    process_describe_end(&server->process, end, sizeof end);
    last_words(server, words, sizeof words);
    (void)snprintf(out_reason, reason_size, "it ended with %s%s", end, words);
    return false;
}

static bool
wait_until_it_listens(struct private_server *server, char *out_reason, size_t reason_size)
{
    int64_t deadline_ms = process_now_ms() + START_MS;
    while (!find_announcement(server)) {
        if (!private_server_runs(server, out_reason, reason_size)) {
            return false;
        }
        if (process_interrupted() || process_now_ms() >= deadline_ms) {
            const char *why = process_interrupted() ? "interrupted" : "not ready after 10 seconds";
            (void)snprintf(out_reason, reason_size, "%s", why);
            return false;
        }
        process_sleep_ms(LOOK_EVERY_MS);
    }
    return true;
}

bool private_server_start(struct private_server *server,
                          const struct private_server_options *options,
                          char *out_reason,
                          size_t reason_size)
{
    char program[PATH_MAX];
    find_program(program, sizeof program);
    server->process.id = 0;
    int length = snprintf(server->log_path, sizeof server->log_path, "%s/server.log",
                          options->log_directory);
    if (length < 0 || (size_t)length >= sizeof server->log_path) {
        (void)snprintf(out_reason, reason_size, "%s", strerror(ENAMETOOLONG));
        return false;
    }
    int failure = start_process(server, program, options);
    if (failure == ENOENT) {
        (void)snprintf(out_reason, reason_size,
                       "the program %s is neither beside rehearse nor in PATH; install it, or name "
                       "a running server with --endpoint",
                       PROGRAM_NAME);
        return false;
    }
    if (failure != 0) {
        (void)snprintf(out_reason, reason_size, "%s: %s", program, strerror(failure));
        return false;
    }
    if (!wait_until_it_listens(server, out_reason, reason_size)) {
        private_server_stop(server);
        return false;
    }
    return true;
}

long private_server_keep(struct private_server *server)
{
    long id = (long)server->process.id;
    process_let_go(&server->process);
    return id;
}

void private_server_stop(struct private_server *server)
{
    process_end(&server->process, STOP_MS);
}
