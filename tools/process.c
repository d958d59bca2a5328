#include "tools/process.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum {
    POLL_INTERVAL_MS = 10,
    MS_PER_SECOND = 1000,
    NS_PER_MS = 1000000,
    EXIT_CODE_OF_SIGNAL = 128,
};

static volatile sig_atomic_t caught_signal;

static void catch_signal(int number)
{
    caught_signal = number;
}

void process_catch_interrupts(void)
{
    static const int numbers[] = { SIGINT, SIGTERM, SIGHUP };
    struct sigaction action = { .sa_handler = catch_signal }; /* no SA_RESTART: waits must end */
    (void)sigemptyset(&action.sa_mask);
    for (size_t i = 0; i < sizeof numbers / sizeof numbers[0]; i++) {
        (void)sigaction(numbers[i], &action, NULL);
    }
    struct sigaction ignore = { .sa_handler = SIG_IGN }; /* a child's closed pipe is an errno */
    (void)sigemptyset(&ignore.sa_mask);
    (void)sigaction(SIGPIPE, &ignore, NULL);
}

bool process_interrupted(void)
{
    return caught_signal != 0;
}

void process_yield_to_interrupt(void)
{
    int number = caught_signal;
    if (number == 0) {
        return;
    }
    struct sigaction by_default = { .sa_handler = SIG_DFL };
    (void)sigemptyset(&by_default.sa_mask);
    (void)sigaction(number, &by_default, NULL);
    (void)raise(number);
}

int64_t process_now_ms(void)
{
    struct timespec now;
    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * MS_PER_SECOND + now.tv_nsec / NS_PER_MS;
}

void process_sleep_ms(int64_t duration_ms)
{
    int64_t end_ms = process_now_ms() + duration_ms;
    for (int64_t left_ms = duration_ms; left_ms > 0 && !process_interrupted();
         left_ms = end_ms - process_now_ms()) {
        /* In slices: a signal that arrives between the test and the wait would not end the wait. */
        (void)poll(NULL, 0, left_ms > POLL_INTERVAL_MS ? POLL_INTERVAL_MS : (int)left_ms);
    }
}

int process_pipe(int *out_read, int *out_write)
{
    int ends[2];
    if (pipe(ends) != 0) {
        return errno;
    }
    (void)fcntl(ends[0], F_SETFD, FD_CLOEXEC);
    (void)fcntl(ends[1], F_SETFD, FD_CLOEXEC);
    *out_read = ends[0];
    *out_write = ends[1];
    return 0;
}

/* The child between fork and exec: only calls that are safe there. */
static void become(const char *const *argv,
                   const struct process_redirect *redirects,
                   size_t redirect_count,
                   pid_t parent)
{
    (void)setpgid(0, 0);
    (void)prctl(PR_SET_PDEATHSIG, SIGTERM);
    if (getppid() != parent) { /* died before the line above took hold */
        _exit(EXIT_CODE_OF_SIGNAL + SIGTERM);
    }
    (void)signal(SIGPIPE, SIG_DFL); /* the caught ones fall back by themselves, ignored ones stay */
    for (size_t i = 0; i < redirect_count; i++) {
        if (dup2(redirects[i].from, redirects[i].to) < 0) {
            return;
        }
    }
    (void)execvp(argv[0], (char *const *)argv);
}

int process_start(struct process *process,
                  const char *const *argv,
                  const struct process_redirect *redirects,
                  size_t redirect_count)
{
    *process = (struct process){ .id = 0, .running = false };
    int failure_read = -1;
    int failure_write = -1; /* closed by a successful exec, else it brings the errno */
    int failure = process_pipe(&failure_read, &failure_write);
    if (failure != 0) {
        return failure;
    }
    pid_t parent = getpid();
    pid_t id = fork();
    if (id == 0) {
        become(argv, redirects, redirect_count, parent);
        int error = errno;
        (void)!write(failure_write, &error, sizeof error);
        _exit(127);
    }
    failure = id < 0 ? errno : 0;
    (void)close(failure_write);
    if (id > 0) {
        (void)setpgid(id, id); /* whichever of us comes first */
        ssize_t got = 0;
        do {
            got = read(failure_read, &failure, sizeof failure);
        } while (got < 0 && errno == EINTR);
        if (got == (ssize_t)sizeof failure) {
            (void)waitpid(id, NULL, 0);
        } else {
            *process = (struct process){ .id = id, .running = true };
        }
    }
    (void)close(failure_read);
    return failure;
}

bool process_poll(struct process *process)
{
    if (process->running && waitpid(process->id, &process->wait_status, WNOHANG) == process->id) {
        process->running = false;
    }
    return process->running;
}

/* Whether a process of the group is left; the leader counts until process_poll has seen its end. */
static bool group_lives(struct process *process)
{
    (void)process_poll(process);
    return kill(-process->id, 0) == 0;
}

void process_end(struct process *process, int64_t grace_ms)
{
    if (process->id == 0) {
        return;
    }
    (void)kill(-process->id, SIGTERM);
    int64_t end_ms = process_now_ms() + grace_ms;
    while (group_lives(process) && process_now_ms() < end_ms) {
        (void)poll(NULL, 0,
                   POLL_INTERVAL_MS); /* not process_sleep_ms: an interrupt must not hurry */
    }
    (void)kill(-process->id, SIGKILL);
    if (process->running) {
        while (waitpid(process->id, &process->wait_status, 0) < 0 && errno == EINTR) {
        }
        process->running = false;
    }
    process->id = 0;
}

void process_describe_end(const struct process *process, char *out_text, size_t size)
{
    int status = process->wait_status;
    if (WIFSIGNALED(status)) {
        (void)snprintf(out_text, size, "signal %d (%s)", WTERMSIG(status),
                       strsignal(WTERMSIG(status)));
    } else {
        (void)snprintf(out_text, size, "exit status %d", WEXITSTATUS(status));
    }
}

int process_exit_code(const struct process *process)
{
    int status = process->wait_status;
    return WIFSIGNALED(status) ? EXIT_CODE_OF_SIGNAL + WTERMSIG(status) : WEXITSTATUS(status);
}
