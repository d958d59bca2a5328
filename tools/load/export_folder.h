/* Where an export lies on disk, and whether its files are whole. */

#ifndef REHEARSEDB_TOOLS_LOAD_EXPORT_FOLDER_H
#define REHEARSEDB_TOOLS_LOAD_EXPORT_FOLDER_H

#include "tools/command.h"
#include "tools/load/export_manifest.h"

/* The folder with manifest-summary.json, in the arena. CODE_FINE, or an exit code with a message.
 */
int export_folder_find(const struct command *command,
                       struct arena *arena,
                       const char *directory,
                       const char **out_folder);

/* Reads both manifests and holds them against each other. */
int export_folder_read(const struct command *command,
                       struct arena *arena,
                       const char *folder,
                       struct export_summary *out_summary,
                       struct export_files *out_files);

/* Whether a data file has the bytes that were exported. */
int export_folder_check_file(const struct command *command,
                             const char *path,
                             const struct export_file *file);

#endif
