#include "tools/shell.h"

#include "tools/runbook.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum {
    COMMAND_FD = 198, /* in the shell; far from what a step would use */
    STATUS_FD = 199,
    TICK_MS = 100,
    CLOSE_MS = 5000, /* for an EXIT trap */
    GRACE_MS = 2000, /* between SIGTERM and SIGKILL */
    READ_SIZE = 16 * 1024,
};

/*
 * While a step is sourced, its input is empty and the two pipes of ours are closed, so that no
 * process it leaves behind holds them. The endpoint is passed by option because version 2 of the
 * AWS CLI reads AWS_ENDPOINT_URL only since 2.13.
 */
static const char DRIVER[] =
    "if [ -n \"${AWS_ENDPOINT_URL_DYNAMODB:-}\" ]; then\n"
    "    aws() { command aws --endpoint-url \"$AWS_ENDPOINT_URL_DYNAMODB\" \"$@\"; }\n"
    "    export -f aws\n"
    "fi\n"
    "while IFS= builtin read -r -u 198 REHEARSE_STEP; do\n"
    "    builtin source \"$REHEARSE_STEP\" </dev/null 198<&- 199>&-\n"
    "    builtin printf '%d\\n' \"$?\" >&199\n"
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

int shell_open(struct shell *shell, const char *directory, const char *file_name)
{
    static const char *const argv[] = { "bash", "--noprofile", "--norc", "-c", DRIVER, NULL };
    int command_end = -1;
    int status_end = -1;
    int output_end = -1;
    int length = snprintf(shell->step_path, sizeof shell->step_path, "%s/%s", directory, file_name);
    if (length < 0 || (size_t)length >= sizeof shell->step_path) {
        return ENAMETOOLONG;
    }
    shell->command_fd = shell->status_fd = shell->output_fd = -1;
    int failure = process_pipe(&command_end, &shell->command_fd);
    if (failure == 0) {
        failure = process_pipe(&shell->status_fd, &status_end);
    }
    if (failure == 0) {
        failure = process_pipe(&shell->output_fd, &output_end);
    }
    if (failure == 0) {
        struct process_redirect redirects[] = {
            { command_end, COMMAND_FD },
            { status_end, STATUS_FD },
            { output_end, STDOUT_FILENO },
            { output_end, STDERR_FILENO },
        };
        set_non_blocking(shell->output_fd);
        set_non_blocking(shell->status_fd);
        failure =
            process_start(&shell->process, argv, redirects, sizeof redirects / sizeof redirects[0]);
    }
    close_fd(&command_end);
    close_fd(&status_end);
    close_fd(&output_end);
    if (failure != 0) {
        close_fd(&shell->command_fd);
        close_fd(&shell->status_fd);
        close_fd(&shell->output_fd);
    }
    return failure;
}

static bool write_step_file(const struct shell *shell, const struct step *step)
{
    FILE *file = fopen(shell->step_path, "we");
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

static bool send_step(const struct shell *shell, const struct step *step)
{
    if (!write_step_file(shell, step)) {
        return false;
    }
    char line[PATH_MAX + 1];
    int length = snprintf(line, sizeof line, "%s\n", shell->step_path);
    return write(shell->command_fd, line, (size_t)length) == length; /* fits in any pipe at once */
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
        for (size_t i = 0; i < size; i++) {
            piece[i] = piece[i] == '\0' ? '?' : piece[i];
        }
        observer->printed(observer->context, (struct bytes){ .data = piece, .length = size });
        size_t room = SHELL_OUTPUT_SIZE_MAX - output->length;
        buffer_append(output, piece, size < room ? size : room);
    }
    if (got == 0) {
        close_fd(&shell->output_fd);
    }
}

/* The exit status, if it has come: at most three digits and a line feed, written at once. */
static bool take_status(struct shell *shell, int *out_exit_code)
{
    char digits[8];
    ssize_t got = read(shell->status_fd, digits, sizeof digits - 1);
    if (got == 0) { /* the shell has become another program */
        close_fd(&shell->status_fd);
    }
    if (got <= 0) {
        return false;
    }
    digits[got] = '\0';
    *out_exit_code = (int)strtol(digits, NULL, 10);
    return true;
}

enum shell_outcome shell_run(struct shell *shell,
                             const struct step *step,
                             int64_t deadline_ms,
                             const struct shell_observer *observer,
                             struct buffer *output,
                             int *out_exit_code)
{
    if (!send_step(shell, step)) {
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
        bool done = take_status(shell, out_exit_code);
        take_output(shell, observer, output);
        if (done) {
            return SHELL_STEP_DONE;
        }
        if (!runs) {
            *out_exit_code = process_exit_code(&shell->process);
            return SHELL_ENDED;
        }
        if (process_interrupted() || process_now_ms() >= deadline_ms) {
            process_end(&shell->process, GRACE_MS);
            take_output(shell, observer, output);
            return process_interrupted() ? SHELL_INTERRUPTED : SHELL_TIMED_OUT;
        }
        observer->waiting(observer->context);
    }
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
    close_fd(&shell->status_fd);
    close_fd(&shell->output_fd);
}
