/*
 * A closed-loop HTTP/1.1 load generator: one thread, N keep-alive connections on loopback, one
 * request under way on each. It prints one line of JSON: requests, seconds, requests a second, and
 * the latency's median and 99th percentile.
 *
 * All requests have the same body but for its placeholders, which are as wide as what replaces
 * them, so that a request is ready once its digits are written:
 *
 *   {id+000} .. {id+999}   eight digits: the request's number plus the offset
 *   {gr+000} .. {gr+999}   eight digits: the same, divided by the group size
 */

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum {
    PLACEHOLDER_LENGTH = 8,
    GROUP_SIZE = 100,
    PLACEHOLDERS_MAX = 256,
    CONNECTIONS_MAX = 1024,
    RECEIVE_BYTES = 256 * 1024,
};

static const char usage[] = "usage: load -p PORT -t OPERATION -b BODY-FILE [flags]\n"
                            "  -c N   connections (16)\n"
                            "  -s S   how many seconds, or\n"
                            "  -n N   how many requests\n"
                            "  -i N   the requests' numbers stay below N (1000)\n"
                            "  -k N   and grow by N from one request to the next (1)\n"
                            "  -r     or are drawn at random\n";

struct options {
    int port;
    const char *operation;
    const char *body_file;
    int connection_count;
    double seconds;
    uint64_t request_count;
    uint64_t item_count;
    uint64_t step;
    bool random;
};

/* A request with the places where numbers go. */
struct request_template {
    char *text;
    size_t length;
    size_t placeholder_count;
    struct placeholder {
        size_t offset;
        unsigned number;
        bool group;
    } placeholders[PLACEHOLDERS_MAX];
};

struct connection {
    int socket;
    char *request; /* this connection's own copy of the template's text */
    size_t sent;
    uint64_t begin_ns;
    bool in_body;
    size_t body_remaining;
};

struct run {
    struct options options;
    struct request_template template;
    struct connection connections[CONNECTIONS_MAX];
    char *receive_buffer;
    int epoll;
    uint64_t next_number;
    uint64_t random_state;
    uint64_t deadline_ns;
    uint64_t begun;
    uint64_t failed;
    uint32_t *latencies_us;
    size_t latency_count;
    size_t latency_capacity;
};

static void fail(const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    (void)fputs("load: ", stderr);
    (void)vfprintf(stderr, format, arguments);
    (void)fputc('\n', stderr);
    va_end(arguments);
    exit(EXIT_FAILURE);
}

static void *allocate(size_t size)
{
    void *memory = calloc(1, size);
    if (memory == NULL) {
        fail("out of memory");
    }
    return memory;
}

static uint64_t now_ns(void)
{
    struct timespec time;
    (void)clock_gettime(CLOCK_MONOTONIC, &time);
    return (uint64_t)time.tv_sec * 1000000000U + (uint64_t)time.tv_nsec;
}

/* --- requests -------------------------------------------------------------------------------- */

static char *read_whole_file(const char *path)
{
    FILE *file = fopen(path, "rb");
    if (file == NULL || fseek(file, 0, SEEK_END) != 0) {
        fail("%s: %s", path, strerror(errno));
    }
    const long size = ftell(file);
    rewind(file);
    char *text = allocate((size_t)size + 1);
    if (fread(text, 1, (size_t)size, file) != (size_t)size) {
        fail("%s: cannot be read", path);
    }
    (void)fclose(file);
    return text;
}

static void find_placeholders(struct request_template *template)
{
    const char *text = template->text;
    for (const char *at = strchr(text, '{'); at != NULL; at = strchr(at + 1, '{')) {
        char kind[3];
        unsigned number;
        int length = 0;
        if (sscanf(at, "{%2[a-z]+%3u}%n", kind, &number, &length) != 2 ||
            length != PLACEHOLDER_LENGTH) {
            continue;
        }
        if (template->placeholder_count == PLACEHOLDERS_MAX) {
            fail("more than %d placeholders", PLACEHOLDERS_MAX);
        }
        template->placeholders[template->placeholder_count++] = (struct placeholder){
            .offset = (size_t)(at - text),
            .number = number,
            .group = strcmp(kind, "gr") == 0,
        };
    }
}

static void make_template(struct request_template *template, const struct options *options)
{
    static const char format[] = "POST / HTTP/1.1\r\n"
                                 "Host: 127.0.0.1:%d\r\n"
                                 "Content-Type: application/x-amz-json-1.0\r\n"
                                 "X-Amz-Target: DynamoDB_20120810.%s\r\n"
                                 "X-Amz-Date: 20260101T000000Z\r\n"
                                 "Authorization: AWS4-HMAC-SHA256 "
                                 "Credential=bench/20260101/us-east-1/dynamodb/aws4_request, "
                                 "SignedHeaders=host;x-amz-date;x-amz-target, Signature=0\r\n"
                                 "Content-Length: %zu\r\n"
                                 "\r\n"
                                 "%s";
    char *body = read_whole_file(options->body_file);
    const size_t capacity = strlen(body) + 1024;
    template->text = allocate(capacity);
    const int length = snprintf(template->text, capacity, format, options->port, options->operation,
                                strlen(body), body);
    assert(length > 0 && (size_t)length < capacity);
    template->length = (size_t)length;
    find_placeholders(template);
    free(body);
}

static void write_digits(char *out_digits, uint64_t number)
{
    for (size_t i = PLACEHOLDER_LENGTH; i > 0; i--) {
        out_digits[i - 1] = (char)('0' + number % 10);
        number /= 10;
    }
}

static uint64_t next_number(struct run *run)
{
    const struct options *options = &run->options;
    if (options->random) {
        run->random_state ^= run->random_state << 13U; /* xorshift64 */
        run->random_state ^= run->random_state >> 7U;
        run->random_state ^= run->random_state << 17U;
        return run->random_state % options->item_count;
    }
    const uint64_t number = run->next_number;
    run->next_number = (number + options->step) % options->item_count;
    return number;
}

static void write_request(struct run *run, struct connection *connection)
{
    const uint64_t number = next_number(run);
    for (size_t i = 0; i < run->template.placeholder_count; i++) {
        const struct placeholder *placeholder = &run->template.placeholders[i];
        const uint64_t id = number + placeholder->number;
        write_digits(connection->request + placeholder->offset,
                     placeholder->group ? id / GROUP_SIZE : id);
    }
}

/* --- connections ----------------------------------------------------------------------------- */

static void watch(struct run *run, struct connection *connection, int operation, uint32_t events)
{
    struct epoll_event event = { .events = events, .data.ptr = connection };
    if (epoll_ctl(run->epoll, operation, connection->socket, &event) != 0) {
        fail("epoll_ctl: %s", strerror(errno));
    }
}

static void open_connection(struct run *run, struct connection *connection)
{
    const struct sockaddr_in address = {
        .sin_family = AF_INET,
        .sin_port = htons((uint16_t)run->options.port),
        .sin_addr.s_addr = htonl(INADDR_LOOPBACK),
    };
    const int on = 1;
    connection->socket = socket(AF_INET, SOCK_STREAM, 0);
    if (connection->socket < 0 ||
        connect(connection->socket, (const struct sockaddr *)&address, sizeof address) != 0 ||
        setsockopt(connection->socket, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on) != 0 ||
        fcntl(connection->socket, F_SETFL, O_NONBLOCK) != 0) {
        fail("cannot connect to port %d: %s", run->options.port, strerror(errno));
    }
    connection->request = allocate(run->template.length);
    memcpy(connection->request, run->template.text, run->template.length);
    watch(run, connection, EPOLL_CTL_ADD, EPOLLIN);
}

static void send_request(struct run *run, struct connection *connection)
{
    while (connection->sent < run->template.length) {
        const ssize_t sent = send(connection->socket, connection->request + connection->sent,
                                  run->template.length - connection->sent, MSG_NOSIGNAL);
        if (sent < 0 && errno == EAGAIN) {
            watch(run, connection, EPOLL_CTL_MOD, EPOLLIN | EPOLLOUT);
            return;
        }
        if (sent < 0) {
            fail("send: %s", strerror(errno));
        }
        connection->sent += (size_t)sent;
    }
}

static void begin_request(struct run *run, struct connection *connection)
{
    write_request(run, connection);
    connection->sent = 0;
    connection->in_body = false;
    connection->begin_ns = now_ns();
    run->begun++;
    send_request(run, connection);
}

static bool may_begin(const struct run *run, uint64_t time_ns)
{
    return run->options.request_count > 0 ? run->begun < run->options.request_count
                                          : time_ns < run->deadline_ns;
}

/* Notes the reply's latency. Returns whether the connection goes on. */
static bool end_request(struct run *run, struct connection *connection)
{
    const uint64_t time_ns = now_ns();
    if (run->latency_count == run->latency_capacity) {
        run->latency_capacity = run->latency_capacity * 2 + 65536;
        run->latencies_us =
            realloc(run->latencies_us, run->latency_capacity * sizeof *run->latencies_us);
        if (run->latencies_us == NULL) {
            fail("out of memory");
        }
    }
    run->latencies_us[run->latency_count++] = (uint32_t)((time_ns - connection->begin_ns) / 1000);
    if (!may_begin(run, time_ns)) {
        return false;
    }
    begin_request(run, connection);
    return true;
}

/* --- replies --------------------------------------------------------------------------------- */

/* Reads status and length from a complete header, which ends at `body` within `text`. */
static size_t read_header(struct run *run, const char *text, const char *body)
{
    if (strncmp(text, "HTTP/1.1 200", 12) != 0 && run->failed++ == 0) {
        (void)fprintf(stderr, "load: %s\n", text); /* a small reply arrives with its body */
    }
    for (const char *line = strstr(text, "\r\n"); line != NULL && line < body;
         line = strstr(line, "\r\n")) {
        line += 2;
        if (strncasecmp(line, "Content-Length:", 15) == 0) {
            return strtoul(line + 15, NULL, 10);
        }
    }
    fail("a reply without Content-Length");
    return 0;
}

/*
 * Takes `length` received bytes. Returns whether the reply is complete. A header always arrives
 * whole: the servers send it at once, and loopback does not cut it.
 */
static bool take_bytes(struct run *run, struct connection *connection, size_t length)
{
    if (!connection->in_body) {
        run->receive_buffer[length] = '\0';
        const char *end = strstr(run->receive_buffer, "\r\n\r\n");
        if (end == NULL) {
            fail("a reply's header arrived in pieces");
        }
        const char *body = end + 4;
        connection->body_remaining = read_header(run, run->receive_buffer, body);
        connection->in_body = true;
        length -= (size_t)(body - run->receive_buffer);
    }
    if (length > connection->body_remaining) {
        fail("a reply longer than its Content-Length");
    }
    connection->body_remaining -= length;
    return connection->body_remaining == 0;
}

/* Returns false once the connection has nothing more to do. */
static bool receive(struct run *run, struct connection *connection)
{
    for (;;) {
        const ssize_t length = recv(connection->socket, run->receive_buffer, RECEIVE_BYTES, 0);
        if (length < 0 && errno == EAGAIN) {
            return true;
        }
        if (length <= 0) {
            fail("the server closed a connection: %s", length < 0 ? strerror(errno) : "end");
        }
        if (take_bytes(run, connection, (size_t)length)) {
            return end_request(run, connection);
        }
    }
}

/* --- the run --------------------------------------------------------------------------------- */

static int compare_latencies(const void *left, const void *right)
{
    const uint32_t a = *(const uint32_t *)left;
    const uint32_t b = *(const uint32_t *)right;
    return (a > b) - (a < b);
}

static void report(struct run *run, double seconds)
{
    const size_t count = run->latency_count;
    qsort(run->latencies_us, count, sizeof *run->latencies_us, compare_latencies);
    (void)printf("{\"requests\": %zu, \"seconds\": %.6f, \"per_second\": %.1f, "
                 "\"p50_us\": %u, \"p99_us\": %u, \"failed\": %llu}\n",
                 count, seconds, (double)count / seconds, run->latencies_us[count / 2],
                 run->latencies_us[count * 99 / 100], (unsigned long long)run->failed);
}

static void execute(struct run *run)
{
    const struct options *options = &run->options;
    run->epoll = epoll_create1(0);
    for (int i = 0; i < options->connection_count; i++) {
        open_connection(run, &run->connections[i]);
    }
    const uint64_t begin_ns = now_ns();
    run->deadline_ns = begin_ns + (uint64_t)(options->seconds * 1e9);
    int active = 0;
    for (int i = 0; i < options->connection_count && may_begin(run, begin_ns); i++) {
        begin_request(run, &run->connections[i]);
        active++;
    }
    while (active > 0) {
        struct epoll_event events[64];
        const int count = epoll_wait(run->epoll, events, 64, 10000);
        if (count <= 0) {
            fail("no reply for ten seconds");
        }
        for (int i = 0; i < count; i++) {
            struct connection *connection = events[i].data.ptr;
            if ((events[i].events & EPOLLOUT) != 0) {
                watch(run, connection, EPOLL_CTL_MOD, EPOLLIN);
                send_request(run, connection);
            }
            if ((events[i].events & ~(uint32_t)EPOLLOUT) != 0 && !receive(run, connection)) {
                active--;
            }
        }
    }
    report(run, (double)(now_ns() - begin_ns) / 1e9);
}

static struct options read_options(int argc, char **argv)
{
    struct options options = { .connection_count = 16, .item_count = 1000, .step = 1 };
    for (int flag; (flag = getopt(argc, argv, "p:t:b:c:s:n:i:k:r")) != -1;) {
        switch (flag) {
        case 'p':
            options.port = atoi(optarg);
            break;
        case 't':
            options.operation = optarg;
            break;
        case 'b':
            options.body_file = optarg;
            break;
        case 'c':
            options.connection_count = atoi(optarg);
            break;
        case 's':
            options.seconds = atof(optarg);
            break;
        case 'n':
            options.request_count = strtoull(optarg, NULL, 10);
            break;
        case 'i':
            options.item_count = strtoull(optarg, NULL, 10);
            break;
        case 'k':
            options.step = strtoull(optarg, NULL, 10);
            break;
        case 'r':
            options.random = true;
            break;
        default:
            (void)fputs(usage, stderr);
            exit(2);
        }
    }
    const bool bounded = options.seconds > 0 || options.request_count > 0;
    if (options.port == 0 || options.operation == NULL || options.body_file == NULL || !bounded ||
        options.connection_count < 1 || options.connection_count > CONNECTIONS_MAX ||
        options.item_count == 0) {
        (void)fputs(usage, stderr);
        exit(2);
    }
    return options;
}

int main(int argc, char **argv)
{
    struct run *run = allocate(sizeof *run);
    run->options = read_options(argc, argv);
    run->random_state = 88172645463325252U;
    run->receive_buffer = allocate(RECEIVE_BYTES + 1);
    make_template(&run->template, &run->options);
    execute(run);
    return run->failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
