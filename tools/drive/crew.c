#include "tools/drive/crew.h"

#include "tools/exit_code.h"

#include <pthread.h>
#include <stdlib.h>

struct member {
    struct crew *crew;
    struct dynamodb_client *client;
    pthread_t thread;
    size_t number;
    bool is_started;
};

struct crew {
    crew_work *work;
    void *context;
    size_t count;
    struct member members[];
};

static void *run_member(void *context)
{
    struct member *member = context;
    member->crew->work(member->crew->context, member->client, member->number);
    return NULL;
}

int crew_start(const struct command *command,
               size_t count,
               crew_work *work,
               void *context,
               struct crew **out_crew)
{
    struct crew *crew = calloc(1, sizeof *crew + count * sizeof *crew->members);
    if (crew == NULL) {
        abort(); /* out of memory */
    }
    crew->work = work;
    crew->context = context;
    crew->count = count;
    *out_crew = crew;
    for (size_t i = 0; i < count; i++) {
        struct member *member = &crew->members[i];
        member->crew = crew;
        member->number = i;
        int code = command_connect(command, &member->client);
        if (code != CODE_FINE) {
            return code;
        }
        member->is_started = pthread_create(&member->thread, NULL, run_member, member) == 0;
        if (!member->is_started) {
            return command_fail(command, CODE_UNREACHABLE, "cannot start a thread");
        }
    }
    return CODE_FINE;
}

void crew_join(struct crew *crew)
{
    for (size_t i = 0; i < crew->count; i++) {
        struct member *member = &crew->members[i];
        if (member->is_started) {
            (void)pthread_join(member->thread, NULL);
        }
        if (member->client != NULL) {
            dynamodb_client_close(member->client);
        }
    }
    free(crew);
}
