#include "tools/drive/drive.h"

#include "storage/base/arena.h"
#include "tools/drive/crew.h"
#include "tools/drive/reader.h"
#include "tools/drive/writer.h"
#include "tools/exit_code.h"
#include "tools/process.h"

#include <stdatomic.h>

enum {
    US_PER_SECOND = 1000 * 1000,
    US_PER_MS = 1000,
    LATE_MAX_US = US_PER_SECOND, /* what was not sent by then is not made up for */
    TURN_MS = 50,
    REFRESH_MS = 500,
    PERCENT = 100,
};

/* When the next request is due; one for all threads. */
struct pace {
    pthread_mutex_t lock;
    int64_t next_us;
    int64_t interval_us;
};

struct steady {
    struct drive *drive;
    struct pace pace;
    atomic_bool is_over;
};

static void wait_for_turn(struct pace *pace)
{
    int64_t now_us = process_now_us();
    (void)pthread_mutex_lock(&pace->lock);
    if (pace->next_us < now_us - LATE_MAX_US) {
        pace->next_us = now_us;
    }
    int64_t due_us = pace->next_us;
    pace->next_us += pace->interval_us;
    (void)pthread_mutex_unlock(&pace->lock);
    process_sleep_ms((due_us - now_us) / US_PER_MS);
}

/* xorshift64*; any seed but 0. */
static uint64_t next_chance(uint64_t *state)
{
    *state ^= *state >> 12;
    *state ^= *state << 25;
    *state ^= *state >> 27;
    return (*state * 0x2545F4914F6CDD1Du) >> 16;
}

static bool is_over(struct steady *steady)
{
    return atomic_load(&steady->is_over) || process_interrupted();
}

static void read_and_write(void *context, struct dynamodb_client *client, size_t number)
{
    struct steady *steady = context;
    struct drive *drive = steady->drive;
    uint64_t state = (uint64_t)process_now_us() * 2 + number * 0x9E3779B97F4A7C15u + 1;
    struct arena arena;
    arena_init(&arena);
    while (!is_over(steady)) {
        arena_reset(&arena);
        wait_for_turn(&steady->pace);
        if (is_over(steady)) {
            break;
        }
        uint64_t chance = next_chance(&state);
        if ((int64_t)(chance % PERCENT) >= drive->read_percent) {
            writer_write(drive, client, &arena, chance / PERCENT);
        } else {
            reader_read(drive, client, &arena, chance / PERCENT);
        }
    }
    arena_deinit(&arena);
}

/* The readers are given a new index once we know its keys, if it is there. */
static void follow_flag(struct drive *drive)
{
    char name[INDEX_NAME_SIZE];
    if (read_index_look(drive->read_index, name)) {
        (void)table_watch_refresh(drive->watch);
        read_index_switch(drive->read_index, name);
    }
}

static void watch_until_over(struct drive *drive)
{
    int64_t refreshed_ms = process_now_ms();
    int64_t end_ms = drive->seconds > 0 ? drive->tally.began_ms + drive->seconds * 1000 : INT64_MAX;
    while (!process_interrupted() && process_now_ms() < end_ms) {
        process_sleep_ms(TURN_MS);
        follow_flag(drive);
        if (process_now_ms() - refreshed_ms >= REFRESH_MS) {
            (void)table_watch_refresh(drive->watch);
            refreshed_ms = process_now_ms();
        }
        drive->progress(drive->context, NULL);
    }
}

int drive_run(struct drive *drive)
{
    struct crew *crew = NULL;
    struct steady steady = { .drive = drive,
                             .pace = { .next_us = process_now_us(),
                                       .interval_us = US_PER_SECOND / drive->rate } };
    (void)pthread_mutex_init(&steady.pace.lock, NULL);
    int code =
        crew_start(&drive->steady, (size_t)drive->connections, read_and_write, &steady, &crew);
    if (code == CODE_FINE) {
        watch_until_over(drive);
    }
    atomic_store(&steady.is_over, true);
    crew_join(crew);
    drive->tally.ended_ms = process_now_ms();
    (void)pthread_mutex_destroy(&steady.pace.lock);
    return code;
}
