#include "api/cloudformation/stack_tags.h"

#include "api/template/node.h"
#include "storage/base/arena.h"

#include <string.h>

static const char TAGS[] = "Tags";
static const char REPLICAS[] = "Replicas";

static bool has_tag(const struct node *tags, const char *key)
{
    for (const struct node *tag = tags == NULL ? NULL : tags->first; tag != NULL; tag = tag->next) {
        if (node_is_text(node_member(tag, "Key"), key)) {
            return true;
        }
    }
    return false;
}

static struct node *text_of(struct arena *arena, const char *text)
{
    struct node *node = node_new(arena, NODE_SCALAR, text);
    node->is_string = true;
    return node;
}

static struct node *
all_tags(struct arena *arena, const struct node *own, const struct stack_content *content)
{
    struct node *tags = node_new(arena, NODE_LIST, NULL);
    for (const struct node *tag = own == NULL ? NULL : own->first; tag != NULL; tag = tag->next) {
        node_append(tags, NULL, node_copy(arena, tag));
    }
    for (size_t i = 0; i < content->tag_count; i++) {
        if (!has_tag(own, content->tags[i].key)) {
            struct node *tag = node_new(arena, NODE_MAP, NULL);
            node_append(tag, "Key", text_of(arena, content->tags[i].key));
            node_append(tag, "Value", text_of(arena, content->tags[i].value));
            node_append(tags, NULL, tag);
        }
    }
    return tags;
}

/* The map without the member of that name, which `instead` takes the place of. */
static struct node *
replace(struct arena *arena, const struct node *map, const char *name, struct node *instead)
{
    struct node *copy = node_new(arena, NODE_MAP, NULL);
    for (const struct node *it = map->first; it != NULL; it = it->next) {
        if (strcmp(it->name, name) != 0) {
            node_append(copy, it->name, node_copy(arena, it));
        }
    }
    node_append(copy, name, instead);
    return copy;
}

static struct node *
tag_map(struct arena *arena, const struct node *map, const struct stack_content *content)
{
    return replace(arena, map, TAGS, all_tags(arena, node_member(map, TAGS), content));
}

const struct node *stack_tags_add(struct arena *arena,
                                  const char *type,
                                  const struct node *properties,
                                  const struct stack_content *content)
{
    enum resource_kind kind = stack_template_kind(type);
    if (content->tag_count == 0) {
        return properties;
    }
    if (kind == RESOURCE_TABLE) {
        return tag_map(arena, properties, content);
    }
    const struct node *replicas = node_member(properties, REPLICAS);
    if (kind != RESOURCE_GLOBAL_TABLE || replicas == NULL || replicas->kind != NODE_LIST) {
        return properties;
    }
    struct node *tagged = node_new(arena, NODE_LIST, NULL);
    for (const struct node *it = replicas->first; it != NULL; it = it->next) {
        node_append(tagged, NULL, tag_map(arena, it, content));
    }
    return replace(arena, properties, REPLICAS, tagged);
}
