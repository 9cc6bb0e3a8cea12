package io.caskade.server.listener.redis.command;

import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/// How the commands of the table are used, for `COMMAND DOCS`: what stands behind the names, as [UsageParser]
/// reads it. A command that is missing has no arguments.
final class CommandUsages {

    private static final String EXPIRY =
            "EX seconds:integer | PX milliseconds:integer | EXAT unix-time-seconds:unix-time"
                    + " | PXAT unix-time-milliseconds:unix-time";

    private static final String USAGES = """
            append           key:key value
            auth             [username] password
            bitcount         key:key range=[start:integer end:integer unit=[BYTE | BIT]]
            bitfield         key:key operation=[GET get-block={encoding offset:integer} | \
            write={overflow-block=[OVERFLOW behavior={WRAP | SAT | FAIL}] \
            write-operation={SET set-block={encoding offset:integer value:integer} \
            | INCRBY incrby-block={encoding offset:integer increment:integer}}}] ...
            bitfield_ro      key:key get-block=[GET get-block={encoding offset:integer}] ...
            bitop            operation={AND | OR | XOR | NOT} destkey:key key:key ...
            bitpos           key:key bit:integer range=[start:integer end-unit-block=[end:integer unit=[BYTE | BIT]]]
            client|caching   mode={YES | NO}
            client|kill      filter={address | new-format={ID client-id:integer \
            | TYPE client-type={NORMAL | MASTER | SLAVE | REPLICA | PUBSUB} | USER username | ADDR address \
            | LADDR address | SKIPME yes-no={YES | NO}} ...}
            client|list      [TYPE client-type={NORMAL | MASTER | REPLICA | PUBSUB}] [ID client-id:integer ...]
            client|no-evict  enabled={ON | OFF}
            client|no-touch  enabled={ON | OFF}
            client|pause     timeout:integer mode=[WRITE | ALL]
            client|reply     action={ON | OFF | SKIP}
            client|setinfo   attribute={LIB-NAME libname | LIB-VER libver}
            client|setname   connection-name
            client|tracking  status={ON | OFF} [REDIRECT client-id:integer] [PREFIX prefix] ... [BCAST] [OPTIN] \
            [OPTOUT] [NOLOOP]
            client|unblock   client-id:integer unblock-type=[TIMEOUT | ERROR]
            cluster|count-failure-reports node-id
            cluster|countkeysinslot slot:integer
            cluster|getkeysinslot slot:integer count:integer
            cluster|keyslot  key
            command|docs     [command-name] ...
            command|getkeys  command [arg] ...
            command|getkeysandflags command [arg] ...
            command|info     [command-name] ...
            command|list     [FILTERBY filterby={MODULE module-name | ACLCAT category | PATTERN pattern:pattern}]
            config|get       parameter ...
            config|set       data={parameter value} ...
            copy             source:key destination:key [DB destination-db:integer] [REPLACE]
            debug|sleep      seconds:double
            decr             key:key
            decrby           key:key decrement:integer
            del              key:key ...
            dump             key:key
            echo             message
            exists           key:key ...
            expire           key:key seconds:integer condition=[NX | XX | GT | LT]
            expireat         key:key unix-time-seconds:unix-time condition=[NX | XX | GT | LT]
            expiretime       key:key
            flushall         flush-type=[ASYNC | SYNC]
            flushdb          flush-type=[ASYNC | SYNC]
            function|flush   flush-type=[ASYNC | SYNC]
            function|list    [LIBRARYNAME library-name-pattern] [WITHCODE]
            get              key:key
            getbit           key:key offset:integer
            getdel           key:key
            getex            key:key expiration=[%1$s | PERSIST]
            getrange         key:key start:integer end:integer
            getset           key:key value
            hello            arguments=[protover:integer [AUTH auth={username password}] [SETNAME clientname]]
            incr             key:key
            incrby           key:key increment:integer
            incrbyfloat      key:key increment:double
            info             [section] ...
            keys             pattern:pattern
            latency|graph    event
            latency|histogram [command] ...
            latency|history  event
            latency|reset    [event] ...
            lcs              key1:key key2:key [LEN] [IDX] [MINMATCHLEN min-match-len:integer] [WITHMATCHLEN]
            lolwut           [VERSION version:integer]
            memory|usage     key:key [SAMPLES count:integer]
            mget             key:key ...
            mset             data={key:key value} ...
            msetnx           data={key:key value} ...
            object|encoding  key:key
            object|freq      key:key
            object|idletime  key:key
            object|refcount  key:key
            persist          key:key
            pexpire          key:key milliseconds:integer condition=[NX | XX | GT | LT]
            pexpireat        key:key unix-time-milliseconds:unix-time condition=[NX | XX | GT | LT]
            pexpiretime      key:key
            ping             [message]
            psetex           key:key milliseconds:integer value
            pttl             key:key
            rename           key:key newkey:key
            renamenx         key:key newkey:key
            restore          key:key ttl:integer serialized-value [REPLACE] [ABSTTL] [IDLETIME seconds:integer] \
            [FREQ frequency:integer]
            scan             cursor:integer [MATCH pattern:pattern] [COUNT count:integer] [TYPE type]
            select           index:integer
            set              key:key value condition=[NX | XX] [GET] expiration=[%1$s | KEEPTTL]
            setbit           key:key offset:integer value:integer
            setex            key:key seconds:integer value
            setnx            key:key value
            setrange         key:key offset:integer value
            slowlog|get      [count:integer]
            strlen           key:key
            substr           key:key start:integer end:integer
            touch            key:key ...
            ttl              key:key
            type             key:key
            unlink           key:key ...
            wait             numreplicas:integer timeout:integer
            waitaof          numlocal:integer numreplicas:integer timeout:integer
            watch            key:key ...
            """.formatted(EXPIRY);

    private static final Map<String, List<CommandArgument>> BY_NAME = USAGES.lines()
            .map(line -> line.split("\\s+", 2))
            .collect(Collectors.toUnmodifiableMap(parts -> parts[0], parts -> UsageParser.parse(parts[1])));

    private CommandUsages() {}

    /// The arguments of a command of a name, `client|kill`.
    static List<CommandArgument> of(String command) {
        return BY_NAME.getOrDefault(command, List.of());
    }

    /// The commands that have arguments.
    static Map<String, List<CommandArgument>> all() {
        return BY_NAME;
    }
}
