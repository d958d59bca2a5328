#include "storage/lmdb/file_copy.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <sys/stat.h>
#include <unistd.h>

enum { BUFFER_SIZE = 64 * 1024 };

int file_write_at(int to, const void *data, int64_t length, int64_t offset)
{
    const char *bytes = data;
    while (length > 0) {
        ssize_t written = pwrite(to, bytes, (size_t)length, offset);
        if (written < 0 && errno != EINTR) {
            return errno;
        }
        if (written > 0) {
            bytes += written;
            offset += written;
            length -= written;
        }
    }
    return 0;
}

/* One buffer's. Gives what was copied, 0 at the end of the file, -1 and errno. */
static int64_t copy_some(int from, int to, int64_t start, int64_t length)
{
    char buffer[BUFFER_SIZE];
    ssize_t count = pread(from, buffer, length < BUFFER_SIZE ? (size_t)length : BUFFER_SIZE, start);
    int code = count > 0 ? file_write_at(to, buffer, count, start) : 0;
    errno = code != 0 ? code : errno;
    return code != 0 ? -1 : count;
}

/* Not every pair of files can be copied inside the kernel. */
static bool is_unable(int code)
{
    return code == EXDEV || code == EINVAL || code == ENOSYS || code == EOPNOTSUPP || code == EBADF;
}

int file_copy_range(int from, int to, int64_t start, int64_t end)
{
    bool uses_kernel = true;
    int64_t place = start;
    while (place < end) {
        off_t from_place = place;
        off_t to_place = place;
        int64_t count = uses_kernel ? copy_file_range(from, &from_place, to, &to_place,
                                                      (size_t)(end - place), 0)
                                    : copy_some(from, to, place, end - place);
        if (count < 0 && uses_kernel && is_unable(errno)) {
            uses_kernel = false;
        } else if (count < 0 && errno != EINTR) {
            return errno;
        } else if (count == 0) {
            break;
        } else if (count > 0) {
            place += count;
        }
    }
    return place < end && ftruncate(to, end) != 0 ? errno : 0;
}

int file_copy(int from, int to)
{
    struct stat status;
    if (fstat(from, &status) != 0) {
        return errno;
    }
    return file_copy_range(from, to, 0, status.st_size);
}

int directory_sync(const char *path)
{
    int directory = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (directory < 0) {
        return errno;
    }
    int code = fsync(directory) == 0 ? 0 : errno;
    (void)close(directory);
    return code;
}
