# Includes point down only: server -> api -> storage. Each vendor header has one owner. The tools share
# only storage/base with the server.

# forbid(folder header [except]): no file under `folder`, other than `except`, includes `header`.
function(forbid folder header)
    file(GLOB_RECURSE sources RELATIVE "${ROOT}" "${ROOT}/${folder}/*.[ch]")
    foreach(source IN LISTS sources)
        if(ARGN AND source MATCHES "^${ARGN}")
            continue()
        endif()
        file(STRINGS "${ROOT}/${source}" hits REGEX "^ *# *include *[<\"]${header}")
        foreach(hit IN LISTS hits)
            message(SEND_ERROR "${source}: ${hit}")
        endforeach()
    endforeach()
endfunction()

forbid(storage "(api|server)/")
forbid(api "server/")
forbid(storage/base "storage/(value|lmdb|table|items|history|storage[.]h|background[.]h)")
forbid(storage/value "storage/(lmdb|table|items|history|storage[.]h|background[.]h)")
forbid(tools "(api|server)/")
forbid(tools "storage/(value|lmdb|table|items|history|storage[.]h|background[.]h)")
forbid(tools "cmark" "tools/runbook[.]c")
forbid(tools "curl/" "tools/client/http_client[.]c")
forbid(tools "cjson/" "tools/client/json[.]c")
forbid(tools "ini[.]h" "tools/client/account[.]c")
forbid(api/expression "(api/(request|dispatch|operations)|storage/(lmdb|items|table|history))")

foreach(folder IN ITEMS server api storage)
    forbid(${folder} "microhttpd" "server/http_server[.]c")
    forbid(${folder} "cjson/" "api/json[.]c")
    forbid(${folder} "lmdb" "storage/lmdb/")
endforeach()
