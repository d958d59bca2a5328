#include "tools/process.h"

#include "storage/base/arena.h"
#include "tools/process_tree.h"

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
    US_PER_SECOND = 1000000,
    NS_PER_US = 1000,
    EXIT_CODE_OF_SIGNAL = 128,
    ADOPT_MS = 1000,
    KILL_COUNT_MAX = 100, /* a process may have started another while the list was made */
};

/* The children that run, so that orphans can be told from them. */
static pid_t known_ids[PROCESS_COUNT_MAX];
static size_t known_count;

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
    (void)prctl(PR_SET_CHILD_SUBREAPER, 1);
}

bool process_interrupted(void)
{
    return caught_signal != 0;
}

void process_heed_interrupt(void)
{
    caught_signal = 0;
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

int64_t process_now_us(void)
{
    struct timespec now;
    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * US_PER_SECOND + now.tv_nsec / NS_PER_US;
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

static void remember(pid_t id)
{
    known_ids[known_count++] = id;
}

static void forget(pid_t id)
{
    for (size_t i = 0; i < known_count; i++) {
        if (known_ids[i] == id) {
            known_ids[i] = known_ids[--known_count];
            return;
        }
    }
}

/* The child between fork and exec: only calls that are safe there. */
static void become(const char *const *argv,
                   const struct process_redirect *redirects,
                   size_t redirect_count,
                   pid_t parent)
{
    if (parent == 0) { /* lasting */
        (void)setsid();
    } else {
        (void)setpgid(0, 0);
        (void)prctl(PR_SET_PDEATHSIG, SIGTERM);
        if (getppid() != parent) { /* died before the line above took hold */
            _exit(EXIT_CODE_OF_SIGNAL + SIGTERM);
        }
    }
    (void)signal(SIGPIPE, SIG_DFL); /* the caught ones fall back by themselves, ignored ones stay */
    for (size_t i = 0; i < redirect_count; i++) {
        if (dup2(redirects[i].from, redirects[i].to) < 0) {
            return;
        }
    }
    (void)execvp(argv[0], (char *const *)argv);
}

/* `parent` is us, or 0 for a child that lasts. */
static int start(struct process *process,
                 const char *const *argv,
                 const struct process_redirect *redirects,
                 size_t redirect_count,
                 pid_t parent)
{
    *process = (struct process){ .id = 0, .running = false };
    if (known_count == PROCESS_COUNT_MAX) {
        return EAGAIN;
    }
    int failure_read = -1;
    int failure_write = -1; /* closed by a successful exec, else it brings the errno */
    int failure = process_pipe(&failure_read, &failure_write);
    if (failure != 0) {
        return failure;
    }
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
        if (parent != 0) {
            (void)setpgid(id, id); /* whichever of us comes first */
        }
        ssize_t got = 0;
        do {
            got = read(failure_read, &failure, sizeof failure);
        } while (got < 0 && errno == EINTR);
        if (got == (ssize_t)sizeof failure) {
            (void)waitpid(id, NULL, 0);
        } else {
            *process = (struct process){ .id = id, .running = true };
            remember(id);
        }
    }
    (void)close(failure_read);
    return failure;
}

int process_start(struct process *process,
                  const char *const *argv,
                  const struct process_redirect *redirects,
                  size_t redirect_count)
{
    return start(process, argv, redirects, redirect_count, getpid());
}

int process_start_lasting(struct process *process,
                          const char *const *argv,
                          const struct process_redirect *redirects,
                          size_t redirect_count)
{
    return start(process, argv, redirects, redirect_count, 0);
}

bool process_adopt(struct process *process, pid_t id)
{
    int64_t end_ms = process_now_ms() + ADOPT_MS;
    if (known_count == PROCESS_COUNT_MAX) {
        return false;
    }
    while (process_tree_parent(id) != getpid()) {
        if (process_now_ms() >= end_ms) {
            return false;
        }
        (void)poll(NULL, 0, 1);
    }
    (void)setpgid(id, id);
    *process = (struct process){ .id = id, .running = true };
    remember(id);
    return true;
}

bool process_poll(struct process *process)
{
    if (process->running && waitpid(process->id, &process->wait_status, WNOHANG) == process->id) {
        process->running = false;
        forget(process->id);
    }
    return process->running;
}

static void signal_all(struct process_list list, int number)
{
    for (size_t i = 0; i < list.count; i++) {
        (void)kill(list.ids[i], number);
    }
}

/* Whether the child, a process of its group or one below it is left. `signal_number` goes to all
 * of them; 0 is none. */
static bool signal_process(struct process *process, int signal_number)
{
    struct arena arena;
    arena_init(&arena);
    (void)process_poll(process);
    /* What an ended child has left is among the orphans; its number may be another's by now. */
    struct process_list below = { .count = 0 };
    if (process->running) {
        below = process_tree_list(&arena, process->id, NULL, 0);
        (void)kill(process->id, signal_number); /* an adopted child may lead no group */
    }
    while (!process->running && waitpid(-process->id, NULL, WNOHANG) > 0) {
        /* Orphans of its group that have ended are ours to put away; till then they count. */
    }
    bool lives = kill(-process->id, signal_number) == 0 || process->running;
    signal_all(below, signal_number);
    arena_deinit(&arena);
    return lives;
}

/* The same for the orphans; those that have ended are put away. */
static bool signal_orphans(int signal_number)
{
    struct arena arena;
    arena_init(&arena);
    struct process_list orphans = process_tree_list(&arena, getpid(), known_ids, known_count);
    signal_all(orphans, signal_number);
    for (size_t i = 0; i < orphans.count; i++) {
        (void)waitpid(orphans.ids[i], NULL, WNOHANG);
    }
    arena_deinit(&arena);
    return orphans.count > 0;
}

/* Not process_sleep_ms: an interrupt must not hurry. */
static void pause_briefly(void)
{
    (void)poll(NULL, 0, POLL_INTERVAL_MS);
}

void process_end(struct process *process, int64_t grace_ms)
{
    if (process->id == 0) {
        return;
    }
    bool lives = signal_process(process, SIGTERM);
    for (int64_t end_ms = process_now_ms() + grace_ms; lives && process_now_ms() < end_ms;) {
        pause_briefly();
        lives = signal_process(process, 0);
    }
    for (int count = 0; lives && count < KILL_COUNT_MAX; count++) {
        lives = signal_process(process, SIGKILL);
        pause_briefly();
    }
    process->id = 0;
}

void process_end_orphans(int64_t grace_ms)
{
    bool lives = signal_orphans(SIGTERM);
    for (int64_t end_ms = process_now_ms() + grace_ms; lives && process_now_ms() < end_ms;) {
        pause_briefly();
        lives = signal_orphans(0);
    }
    for (int count = 0; lives && count < KILL_COUNT_MAX; count++) {
        lives = signal_orphans(SIGKILL);
        pause_briefly();
    }
}

void process_let_go(struct process *process)
{
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
