/*
 * The yardstick for replies over HTTP: libmicrohttpd with the server's own threads, reading every
 * request and answering with one prepared reply. It prints its port and serves until SIGTERM.
 *
 * The reply's file holds header lines, an empty line and the body, all with "\n" line ends. Its
 * headers are those that libmicrohttpd does not write by itself.
 */

#include <errno.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <microhttpd.h>

enum { REPLY_BYTES_MAX = 4 * 1024 * 1024 };

static char reply_text[REPLY_BYTES_MAX];

static void fail(const char *subject)
{
    (void)fprintf(stderr, "echo_server: %s: %s\n", subject, strerror(errno));
    exit(EXIT_FAILURE);
}

static struct MHD_Response *read_reply(const char *path)
{
    FILE *file = fopen(path, "rb");
    if (file == NULL) {
        fail(path);
    }
    const size_t length = fread(reply_text, 1, sizeof reply_text - 1, file);
    (void)fclose(file);
    char *headers = reply_text;
    char *end = strstr(headers, "\n\n");
    if (end == NULL) {
        fail("no empty line after the headers");
    }
    *end = '\0';
    char *body = end + 2;
    const size_t body_length = length - (size_t)(body - reply_text);
    struct MHD_Response *response =
        MHD_create_response_from_buffer(body_length, body, MHD_RESPMEM_PERSISTENT);
    char *next = NULL;
    for (char *line = strtok_r(headers, "\n", &next); line != NULL;
         line = strtok_r(NULL, "\n", &next)) {
        char *value = strstr(line, ": ");
        if (value == NULL) {
            fail(line);
        }
        *value = '\0';
        (void)MHD_add_response_header(response, line, value + 2);
    }
    return response;
}

static enum MHD_Result answer(void *context,
                              struct MHD_Connection *connection,
                              const char *url,
                              const char *method,
                              const char *version,
                              const char *upload,
                              size_t *upload_length,
                              void **connection_context)
{
    static bool begun;
    (void)url;
    (void)method;
    (void)version;
    (void)upload;
    if (*connection_context == NULL) {
        *connection_context = &begun;
        return MHD_YES;
    }
    if (*upload_length > 0) {
        *upload_length = 0;
        return MHD_YES;
    }
    return MHD_queue_response(connection, MHD_HTTP_OK, context);
}

int main(int argc, char **argv)
{
    if (argc != 3) {
        (void)fputs("usage: echo_server REPLY-FILE THREADS\n", stderr);
        return 2;
    }
    sigset_t signals;
    (void)sigemptyset(&signals);
    (void)sigaddset(&signals, SIGTERM);
    (void)pthread_sigmask(SIG_BLOCK, &signals, NULL);

    struct MHD_Response *response = read_reply(argv[1]);
    const struct sockaddr_in address = {
        .sin_family = AF_INET,
        .sin_addr.s_addr = htonl(INADDR_LOOPBACK),
    };
    struct MHD_Daemon *daemon = MHD_start_daemon(
        MHD_USE_EPOLL_INTERNAL_THREAD, 0, NULL, NULL, answer, response, MHD_OPTION_SOCK_ADDR,
        &address, MHD_OPTION_THREAD_POOL_SIZE, (unsigned)atoi(argv[2]), MHD_OPTION_END);
    if (daemon == NULL) {
        fail("cannot start");
    }
    (void)printf("%u\n", MHD_get_daemon_info(daemon, MHD_DAEMON_INFO_BIND_PORT)->port);
    (void)fflush(stdout);

    int signal_number = 0;
    (void)sigwait(&signals, &signal_number);
    MHD_stop_daemon(daemon);
    MHD_destroy_response(response);
    return EXIT_SUCCESS;
}
