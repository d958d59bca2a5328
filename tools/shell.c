#include "tools/shell.h"

#include "storage/base/arena.h"
#include "tools/runbook.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
    GATE_FD = 197, /* in the shell; far from what a step would use */
    COMMAND_FD = 198,
    STATUS_FD = 199,
    TICK_MS = 100,
    CLOSE_MS = 5000,      /* for an EXIT trap */
    GRACE_MS = 2000,      /* between SIGTERM and SIGKILL */
    START_MS = 10 * 1000, /* of a job, on a busy machine */
    READ_SIZE = 16 * 1024,
    NUMBER_SIZE = 24,
    ASSIGNMENT_SIZE_GUESS = 256,
};

/*
 * While a step is sourced, its input is empty and the pipes of ours are closed, so that no
 * process it leaves behind holds them. The endpoint is passed by option because version 2 of the
 * AWS CLI reads AWS_ENDPOINT_URL only since 2.13.
 */
static const char DRIVER[] =
    "if [ -n \"${AWS_ENDPOINT_URL_DYNAMODB:-}\" ]; then\n"
    "    aws() { command aws --endpoint-url \"$AWS_ENDPOINT_URL_DYNAMODB\" \"$@\"; }\n"
    "    export -f aws\n"
    "fi\n"
    "while IFS=' ' builtin read -r -u 198 REHEARSE_HOW REHEARSE_STEP; do\n"
    "    if [ \"$REHEARSE_HOW\" = job ]; then\n"
    "        (\n"
    "            {\n"
    "                builtin read -r -u 197 REHEARSE_HOW\n"
    "                builtin source \"$REHEARSE_STEP\" 197<&-\n"
    "            } </dev/null >\"${REHEARSE_STEP%/*}/output\" 2>&1 198<&- 199>&- &\n"
    "            builtin printf '%d\\n' \"$!\" >&199\n"
    "        )\n"
    "    else\n"
    "        builtin source \"$REHEARSE_STEP\" </dev/null 197<&- 198<&- 199>&-\n"
    "        builtin printf '%d\\n' \"$?\" >&199\n"
    "    fi\n"
    "done\n";

static void close_fd(int *fd)
{
    if (*fd >= 0) {
        (void)close(*fd);
        *fd = -1;
    }
}

static void set_non_blocking(int fd)
{
    (void)fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) | O_NONBLOCK);
}

static void close_all(struct shell *shell)
{
    close_fd(&shell->command_fd);
    close_fd(&shell->status_fd);
    close_fd(&shell->output_fd);
    close_fd(&shell->gate_fd);
}

int shell_open(struct shell *shell, const char *directory, const char *file_name)
{
    static const char *const argv[] = { "bash", "--noprofile", "--norc", "-c", DRIVER, NULL };
    int command_end = -1;
    int status_end = -1;
    int output_end = -1;
    int gate_end = -1;
    *shell = (struct shell){
        .command_fd = -1,
        .status_fd = -1,
        .output_fd = -1,
        .gate_fd = -1,
        .directory = directory,
        .file_name = file_name,
    };
    int failure = process_pipe(&command_end, &shell->command_fd);
    failure = failure == 0 ? process_pipe(&shell->status_fd, &status_end) : failure;
    failure = failure == 0 ? process_pipe(&shell->output_fd, &output_end) : failure;
    failure = failure == 0 ? process_pipe(&gate_end, &shell->gate_fd) : failure;
    if (failure == 0) {
        struct process_redirect redirects[] = {
            { command_end, COMMAND_FD },   { status_end, STATUS_FD },     { gate_end, GATE_FD },
            { output_end, STDOUT_FILENO }, { output_end, STDERR_FILENO },
        };
        set_non_blocking(shell->output_fd);
        set_non_blocking(shell->status_fd);
        failure =
            process_start(&shell->process, argv, redirects, sizeof redirects / sizeof redirects[0]);
    }
    close_fd(&command_end);
    close_fd(&status_end);
    close_fd(&output_end);
    close_fd(&gate_end);
    if (failure != 0) {
        close_all(shell);
    }
    return failure;
}

static bool write_step_file(const char *path, const struct step *step)
{
    FILE *file = fopen(path, "we");
    if (file == NULL) {
        return false;
    }
    for (int line = 0; line < step->line; line++) {
        (void)fputc('\n', file);
    }
    (void)fputs(step->command, file);
    bool written = ferror(file) == 0;
    return fclose(file) == 0 && written;
}

/* Writes the step into the folder and tells the shell. */
static bool
send_step(const struct shell *shell, const char *how, const char *folder, const struct step *step)
{
    char path[PATH_MAX];
    int length = snprintf(path, sizeof path, "%s/%s", folder, shell->file_name);
    if (length < 0 || (size_t)length >= sizeof path) {
        errno = ENAMETOOLONG;
        return false;
    }
    if (!write_step_file(path, step)) {
        return false;
    }
    char line[PATH_MAX + 16];
    length = snprintf(line, sizeof line, "%s %s\n", how, path);
    return write(shell->command_fd, line, (size_t)length) == length; /* fits in any pipe at once */
}

/* Zero bytes become '?'; what is too much is dropped. */
static void append_output(struct buffer *output, uint8_t *piece, size_t size)
{
    for (size_t i = 0; i < size; i++) {
        piece[i] = piece[i] == '\0' ? '?' : piece[i];
    }
    size_t room = SHELL_OUTPUT_SIZE_MAX - output->length;
    buffer_append(output, piece, size < room ? size : room);
}

/* All that is in the pipe now. A pipe that nobody can write to any more is closed. */
static void
take_output(struct shell *shell, const struct shell_observer *observer, struct buffer *output)
{
    uint8_t piece[READ_SIZE];
    ssize_t got = -1;
    size_t taken = 0;
    /* Bounded, so that a step which prints without end still meets its deadline. */
    while (taken < SHELL_OUTPUT_SIZE_MAX && (got = read(shell->output_fd, piece, READ_SIZE)) > 0) {
        size_t size = (size_t)got;
        taken += size;
        append_output(output, piece, size);
        observer->printed(observer->context, (struct bytes){ .data = piece, .length = size });
    }
    if (got == 0) {
        close_fd(&shell->output_fd);
    }
}

/* The number on the status pipe, if it has come; it is written at once, with a line feed. */
static bool take_number(struct shell *shell, int *out_number)
{
    char digits[NUMBER_SIZE];
    ssize_t got = read(shell->status_fd, digits, sizeof digits - 1);
    if (got == 0) { /* the shell has become another program */
        close_fd(&shell->status_fd);
    }
    if (got <= 0) {
        return false;
    }
    digits[got] = '\0';
    *out_number = (int)strtol(digits, NULL, 10);
    return true;
}

enum shell_outcome shell_run(struct shell *shell,
                             const struct step *step,
                             int64_t deadline_ms,
                             const struct shell_observer *observer,
                             struct buffer *output,
                             int *out_exit_code)
{
    if (!send_step(shell, "run", shell->directory, step)) {
        return SHELL_BROKEN;
    }
    for (;;) {
        struct pollfd waits[] = {
            { .fd = shell->status_fd, .events = POLLIN },
            { .fd = shell->output_fd, .events = POLLIN },
        };
        (void)poll(waits, 2, TICK_MS);
        /* In this order: what was printed before the step's end is then in the pipe. */
        bool runs = process_poll(&shell->process);
        bool done = take_number(shell, out_exit_code);
        take_output(shell, observer, output);
        if (done) {
            return SHELL_STEP_DONE;
        }
        if (!runs) {
            *out_exit_code = process_exit_code(&shell->process);
            return SHELL_ENDED;
        }
        bool goes_on = observer->waiting(observer->context);
        if (!goes_on || process_interrupted() || process_now_ms() >= deadline_ms) {
            process_end(&shell->process, GRACE_MS);
            process_end_orphans(GRACE_MS);
            take_output(shell, observer, output);
            return process_interrupted() ? SHELL_INTERRUPTED
                   : goes_on             ? SHELL_TIMED_OUT
                                         : SHELL_STOPPED;
        }
    }
}

static void ignore_output(void *context, struct bytes output)
{
    (void)context;
    (void)output;
}

static bool go_on(void *context)
{
    (void)context;
    return true;
}

/* 'it'\''s': between single quotes the shell reads everything as it is. */
static void append_quoted(struct buffer *to, struct bytes value)
{
    buffer_append_u8(to, '\'');
    for (size_t i = 0; i < value.length; i++) {
        if (value.data[i] == '\'') {
            buffer_append_text(to, "'\\''");
        } else {
            buffer_append_u8(to, value.data[i]);
        }
    }
    buffer_append_u8(to, '\'');
}

bool shell_set_variable(struct shell *shell, const char *name, struct bytes value)
{
    struct arena arena;
    arena_init(&arena);
    struct buffer assignment;
    struct buffer output;
    buffer_init(&assignment, &arena, ASSIGNMENT_SIZE_GUESS);
    buffer_init(&output, &arena, ASSIGNMENT_SIZE_GUESS);
    buffer_append_format(&assignment, "%s=", name);
    append_quoted(&assignment, value);
    buffer_append_u8(&assignment, '\n');
    struct step step = { .command = bytes_to_text(&arena, buffer_view(&assignment)) };
    struct shell_observer observer = { ignore_output, go_on, NULL };
    int exit_code = 0;
    enum shell_outcome outcome =
        shell_run(shell, &step, process_now_ms() + START_MS, &observer, &output, &exit_code);
    arena_deinit(&arena);
    return outcome == SHELL_STEP_DONE && exit_code == 0;
}

/* Waits for the number of the job's process. */
static bool take_job_id(struct shell *shell, int *out_id)
{
    int64_t end_ms = process_now_ms() + START_MS;
    while (!take_number(shell, out_id)) {
        struct pollfd wait = { .fd = shell->status_fd, .events = POLLIN };
        if (!process_poll(&shell->process) || process_now_ms() >= end_ms) {
            return false;
        }
        (void)poll(&wait, 1, TICK_MS);
    }
    return true;
}

int shell_start_job(struct shell *shell,
                    const struct step *step,
                    size_t number,
                    struct shell_job *out_job)
{
    char folder[PATH_MAX];
    int id = 0;
    out_job->process.id = 0;
    (void)snprintf(folder, sizeof folder, "%s/background-%zu", shell->directory, number);
    int length = snprintf(out_job->output_path, sizeof out_job->output_path, "%s/output", folder);
    if (length < 0 || (size_t)length >= sizeof out_job->output_path) {
        return ENAMETOOLONG;
    }
    if (mkdir(folder, 0700) != 0 || !send_step(shell, "job", folder, step)) {
        return errno;
    }
    if (!take_job_id(shell, &id) || !process_adopt(&out_job->process, (pid_t)id)) {
        return EAGAIN;
    }
    return write(shell->gate_fd, "\n", 1) == 1 ? 0 : errno;
}

void shell_end_job(struct shell_job *job, struct buffer *output)
{
    process_end(&job->process, GRACE_MS);
    FILE *file = fopen(job->output_path, "re");
    if (file == NULL) {
        return;
    }
    uint8_t piece[READ_SIZE];
    for (size_t got = 0; (got = fread(piece, 1, sizeof piece, file)) > 0;) {
        append_output(output, piece, got);
    }
    (void)fclose(file);
}

void shell_close(struct shell *shell)
{
    close_fd(&shell->command_fd); /* the driver's loop ends */
    int64_t end_ms = process_now_ms() + CLOSE_MS;
    uint8_t piece[READ_SIZE];
    while (process_poll(&shell->process) && process_now_ms() < end_ms && !process_interrupted()) {
        struct pollfd wait = { .fd = shell->output_fd, .events = POLLIN };
        (void)poll(&wait, 1, TICK_MS);
        while (read(shell->output_fd, piece, sizeof piece) > 0) { /* nobody asks for it any more */
        }
    }
    process_end(&shell->process, GRACE_MS);
    process_end_orphans(GRACE_MS);
    close_all(shell);
}
