package dev.gantry.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Each row: what is written below a valid provider, and what the one message says. */
class WrongSettingsTest {
    private static final String VALID =
            """
            gantry:
              providers:
                p:
                  tier: local
                  instances:
                    i: {base-url: "http://h/v1", api-key: "sk-top-secret"}
                  models:
                    - {id: m, aliases: [a]}
            """;

    @ParameterizedTest(name = "{0}={1}")
    @CsvSource(
            delimiter = '|',
            textBlock =
"""
# unknown keys and wrong types
gantry.worker.grup                    | x        | gantry.worker.grup: there is no such key, did you mean group?
gantry.colour                         | blue     | gantry.colour: there is no such key, allowed under gantry: deployment, worker, topics
gantry.worker.maxInflihgt             | 5        | did you mean max-in-flight?
gantry.worker                         | 5        | gantry.worker: 5; this takes keys below it, not a value
gantry.worker.group.name              | g        | the key above takes a single value
gantry.providers.p.models.id          | g        | this is a list
gantry.providers.p.models[2].id       | g        | gantry.providers.p.models: entries must be numbered from [0] without a gap
gantry.providers.p.api-key            | hunter2  | gantry.providers.p.api-key: there is no such key
gantry.providers.p.instances.i.apikye | hunter2  | gantry.providers.p.instances.i.apikye: there is no such key, did you mean api-key?
gantry.audit.hash-kee                 | hunter2  | gantry.audit.hash-kee: there is no such key, did you mean hash-key?
gantry.operator.tokn                  | hunter2  | gantry.operator.tokn: there is no such key
gantry.worker.max-in-flight           | many     | gantry.worker.max-in-flight: many; allowed is a whole number
gantry.worker.max-in-flight           | ${NONE}  | gantry.worker.max-in-flight: the environment variable NONE is not set
gantry.providers.p.instances.i.api-key | hunter2${NONE} | gantry.providers.p.instances.i.api-key: the environment variable NONE is not set
gantry.worker.commit-interval         | soon     | gantry.worker.commit-interval: soon; allowed is a duration such as 500ms
gantry.worker.max-request-size        | big      | gantry.worker.max-request-size: big; allowed is a size such as
gantry.worker.group-protocol          | kip848   | gantry.worker.group-protocol: kip848; allowed is auto, consumer, classic
gantry.topics.create                  | maybe    | gantry.topics.create: maybe; allowed is true or false
gantry.routing.order                  | random   | gantry.routing.order: random; allowed is weight, cost, latency
gantry.routing.tier-weights.moon      | 1        | moon
gantry.routing.tier-weights.local     | heavy    | gantry.routing.tier-weights.local: heavy; allowed is a whole number
gantry.providers.p.tier               | moon     | gantry.providers.p.tier: moon; allowed is local, direct, fleet, cloud, frontier
# out of range
gantry.deployment                     | a b      | gantry.deployment: a b; allowed is 1 to 100 of
gantry.worker.max-in-flight           | 0        | gantry.worker.max-in-flight: 0; allowed is 1 or more
gantry.worker.commit-interval         | 0s       | gantry.worker.commit-interval: PT0S; allowed is more than 0s
gantry.worker.lane-share              | 1.5      | gantry.worker.lane-share: 1.5; allowed is more than 0, at most 1
gantry.worker.max-request-size        | 2GB      | gantry.worker.max-request-size: 2147483648B; allowed is 1B to 512MB
gantry.topics.requests                | a/b      | gantry.topics.requests: a/b; allowed is a Kafka topic name
gantry.topics.audit                   | gantry.metering | gantry.topics.audit: gantry.metering; allowed is a topic of its own; gantry.topics.metering has the same
gantry.topics.replicas                | 0        | gantry.topics.replicas: 0; allowed is 1 or more, or -1
gantry.database.schema                | Gantry   | gantry.database.schema: Gantry; allowed is 1 to 63 of a-z
gantry.database.listen-url            | hunter2  | gantry.database.listen-url: ***; allowed is a jdbc:postgresql: URL
gantry.routing.max-attempts           | 0        | gantry.routing.max-attempts: 0; allowed is 1 or more
gantry.routing.context-headroom       | 1.1      | gantry.routing.context-headroom: 1.1; allowed is more than 0, at most 1
gantry.routing.tier-weights.local     | -1       | gantry.routing.tier-weights.local: -1; allowed is 0 or more
gantry.circuit.failure-ratio          | 0        | gantry.circuit.failure-ratio: 0.0; allowed is more than 0, at most 1
gantry.operator.allowed-hosts         | h:8081   | gantry.operator.allowed-hosts: h:8081; allowed is a name such as
gantry.spool.max-rows                 | 0        | gantry.spool.max-rows: 0; allowed is 1 or more
gantry.providers.p.weight             | -1       | gantry.providers.p.weight: -1; allowed is 0 or more
gantry.providers.p.instances.i.weight | -1       | gantry.providers.p.instances.i.weight: -1; allowed is 0 or more
gantry.providers.p.instances.i.limits.requests-per-minute | 0 | gantry.providers.p.instances.i.limits.requests-per-minute: 0; allowed is 1 or more
gantry.providers.p.instances.i.limits.tokens-per-minute | 1.5 | gantry.providers.p.instances.i.limits.tokens-per-minute: 1.5; allowed is a whole number
gantry.providers.p.instances.i.limits.max-concurrent | -1 | gantry.providers.p.instances.i.limits.max-concurrent: -1; allowed is 1 or more
gantry.providers.p.instances.i.limits.requests-per-min | 60 | there is no such key, did you mean requests-per-minute?
gantry.providers.p.instances.i.limits.max-concurrency | 6 | there is no such key, did you mean max-concurrent?
gantry.providers.p.instances.i.limits | 60 | this takes keys below it, not a value
gantry.providers.p.limits.max-concurrent | 6 | gantry.providers.p.limits.max-concurrent: there is no such key
gantry.providers.p.models[0].limits.tokens-per-minute | 0 | gantry.providers.p.models[0].limits.tokens-per-minute: 0; allowed is 1 or more
gantry.providers.p.models[0].limits.rpm | 60 | gantry.providers.p.models[0].limits.rpm: there is no such key, allowed under gantry.providers.p.models[0].limits: requests-per-minute
gantry.providers.p.auth               | basic    | gantry.providers.p.auth: basic; allowed is bearer, header:<name> or none
gantry.providers.p.dialect            | grpc     | gantry.providers.p.dialect: grpc; allowed is openai, anthropic, gemini
gantry.providers.p.dialect            | anthropic | gantry.providers.p.models[0].max-output-tokens
gantry.providers.p.denied-models[0]   | ' '      | gantry.providers.p.denied-models: missing; required is parts of model names
gantry.providers.p.proxy              | socks://h:1 | gantry.providers.p.proxy: socks://h:1; allowed is http://host:port
gantry.providers.p.proxy              | http://u:hunter2@h:1 | gantry.providers.p.proxy: ***; allowed is http://host:port
gantry.providers.p.instances.i.base-url | ftp://h | gantry.providers.p.instances.i.base-url: ftp://h; allowed is an http or https URL
gantry.providers.p.instances.i.base-url | http://u:hunter2@h/v1 | gantry.providers.p.instances.i.base-url: ***; allowed is an http or https URL
gantry.providers.p.instances.i.api-key | two words | gantry.providers.p.instances.i.api-key: ***; allowed is printable ASCII
gantry.providers.p.instances.i.headers.authorization | hunter2 | gantry.providers.p.instances.i.headers.authorization: ***; allowed is any header but the one that auth sets
gantry.providers.p.instances.i.headers.host | hunter2 | gantry.providers.p.instances.i.headers.host: ***; allowed is any header that Gantry does not set itself
gantri.worker.group                   | x        | gantri: there is no such key, did you mean gantry?
# secrets, whatever is wrong
gantry.providers.p.instances.i.headers | Authorization: Bearer hunter2 | gantry.providers.p.instances.i.headers: ***; this takes keys below it
gantry.providers.p.instances.i        | hunter2  | gantry.providers.p.instances.i: ***; this takes keys below it
gantry.providers.p.instances          | hunter2  | gantry.providers.p.instances: ***; this takes keys below it
gantry.providers.p.instances.i.api-key[0] | hunter2 | gantry.providers.p.instances.i.api-key[0]: there is no such key
gantry.providers.p.instances.i.api-key.main | hunter2 | gantry.providers.p.instances.i.api-key.main: there is no such key
gantry.operator                       | hunter2  | gantry.operator: ***; this takes keys below it
gantry.audit                          | hunter2  | gantry.audit: ***; this takes keys below it
gantry.operator.token.value           | hunter2  | gantry.operator.token.value: there is no such key
gantry.audit.hash-key.x               | hunter2  | gantry.audit.hash-key.x: there is no such key
gantry.worker.max-in-flight           | sk-hunter2hunter2 | gantry.worker.max-in-flight: ***; allowed is a whole number
gantry.worker.max-in-flight           | hunter2hunter2hunter2x | gantry.worker.max-in-flight: ***; allowed is a whole number
gantry.worker.commit-interval         | password=hunter2 | gantry.worker.commit-interval: password=***; allowed is a duration
gantry.providers.p.proxy              | socks5://u:hunter2@h:1 | gantry.providers.p.proxy: ***; allowed is http://host:port
gantry.providers.p.tier               | postgres://u:hunter2@h/d | gantry.providers.p.tier: postgres://***@h/d; allowed is
gantry.database.listen-url            | jdbc:mysql://h/d?password=hunter2 | gantry.database.listen-url: ***; allowed is a jdbc:postgresql: URL
gantry.colour                         | Bearer hunter2 | gantry.colour: there is no such key
# names
gantry.providers.Big.weight           | 1        | gantry.providers.Big: Big; allowed is a name of a-z 0-9 _ - in lower case
gantry.providers.p.instances.A.base-url | http://h | gantry.providers.p.instances.A: A; allowed is a name of a-z 0-9 _ - in lower case
gantry.providers.p.instances.i.models | x        | gantry.providers.p.instances.i.models: x; allowed is m
gantry.providers.p.instances.i.models | qwen*    | gantry.providers.p.instances.i.models: qwen*; allowed is one model's name; * and ? are for discover: true
gantry.providers.p.ssl-bundle         | x        | gantry.providers.p.ssl-bundle: x; allowed is a bundle of spring.ssl.bundle
gantry.routing.fallback-models        | m,x      | gantry.routing.fallback-models[1]: x; allowed is m
gantry.routing.default-model          | x        | gantry.routing.default-model: x; allowed is m
gantry.routing.default-provider       | x        | gantry.routing.default-provider: x; allowed is p
gantry.routing.roles[0].match         | x        | gantry.routing.roles: an entry lacks match or tier
gantry.policies.c.label               | x        | gantry.policies.c.chain: missing; required is at least one link
gantry.policies.c.chain[0]            | x:m      | gantry.policies.c.chain[0].provider: x; allowed is p
gantry.policies.c.chain[0]            | p:x      | gantry.policies.c.chain[0].model: x; allowed is a model of provider p
gantry.policies.c.chain[0]            | p        | gantry.policies.c.chain[0]: missing; required is provider and model
gantry.policies.c.failover.on-error-kinds | bad  | gantry.policies.c.failover.on-error-kinds: bad; allowed is
gantry.policies.c.failover.on-status  | 42       | gantry.policies.c.failover.on-status: 42; allowed is 100 to 599
gantry.policies.c.failover.max-attempts | 0      | gantry.policies.c.failover.max-attempts: 0; allowed is 1 to 16
gantry.policies.c.failover.max-attempts | 17     | gantry.policies.c.failover.max-attempts: 17; allowed is 1 to 16
gantry.policies.c.failover.retries     | 11       | gantry.policies.c.failover.retries: 11; allowed is 0 to 10
gantry.policies.c.chain[0].timeout-ms | 0        | gantry.policies.c.chain[0].timeout-ms: 0; allowed is 1 or more
gantry.policies.c.latency.race-after-ms | 10     | gantry.policies.c.latency.race-after-ms: 10; allowed is 50 or more
gantry.policies.c.budget.per-call-usd | cheap    | gantry.policies.c.budget.per-call-usd: cheap; allowed is a plain decimal
# required
gantry.providers.q.weight             | 1        | gantry.providers.q.tier: missing; required is one of local, direct, fleet, cloud, frontier
gantry.providers.q.weight             | 1        | gantry.providers.q.instances: missing; required is at least one, with base-url
gantry.providers.q.weight             | 1        | gantry.providers.q.models: missing; required is at least one, with id
gantry.providers.p.models[0].id       | m*       | gantry.providers.p.models[0].id: m*; allowed is one model's name; * and ? are for discover: true
gantry.providers.p.discover-every     | 10m      | gantry.providers.p.discover-every: 10m; allowed is 100ms to 5m
gantry.providers.p.discover-every     | 10ms     | gantry.providers.p.discover-every: 10ms; allowed is 100ms to 5m
gantry.providers.p.instances.j.weight | 1        | gantry.providers.p.instances.j.base-url: missing; required is an http or https URL
# contradictions
gantry.providers.p.instances.i.api-key-file | /k | gantry.providers.p.instances.i.api-key: ***; api-key-file (/k) is there too
""")
    void stopsTheStartWithOneMessage(String key, String value, String expected) {
        WrongSettingsException error =
                catchThrowableOfType(
                        WrongSettingsException.class,
                        () -> SettingsBinder.bind(Environments.withArgument(VALID, key, value)));

        assertThat(error).isNotNull().hasMessageContaining(expected);
        assertThat(error.toString()).doesNotContain("hunter2", "sk-top-secret");
    }

    @ParameterizedTest(name = "{0}")
    @CsvSource(
            delimiter = '|',
            textBlock =
"""
weight: -1                      | models[0].weight: -1; allowed is 0 or more
type: audio                     | models[0].type: audio; allowed is inference, embedding
context-window: 0               | models[0].context-window: 0; allowed is 1 or more
max-tokens-field: ""            | models[0].max-tokens-field: ; allowed is a member name
capabilities: [singing]         | models[0].capabilities: singing; allowed is streaming, tools, vision, thinking, responses
price: {input: -0.1}            | models[0].price.input: -0.1; allowed is a plain decimal
price: {output: "1e-3"}         | models[0].price.output: 1e-3; allowed is a plain decimal
price: {cache-write: "1,5"}     | models[0].price.cache-write: 1,5; allowed is a plain decimal
aliases: [auto]                 | models[0].aliases: auto; allowed is
aliases: ["a b"]                | models[0].aliases: a b; allowed is
""")
    void namesTheMistakeOfAModel(String line, String expected) {
        String yaml =
                """
                gantry.providers.p:
                  tier: local
                  instances.i.base-url: http://h/v1
                  models:
                    - id: m
                      %s
                """
                        .formatted(line);

        WrongSettingsException error =
                catchThrowableOfType(
                        WrongSettingsException.class,
                        () -> SettingsBinder.bind(Environments.of(yaml)));

        assertThat(error).isNotNull().hasMessageContaining("gantry.providers.p." + expected);
    }

    @Test
    void onlyOpenAisDialectHasItsResponsesApi() {
        String yaml =
                """
                gantry.providers.p:
                  tier: local
                  dialect: gemini
                  instances.i.base-url: http://h/v1
                  models: [{id: m, capabilities: [tools, responses]}]
                """;

        WrongSettingsException error =
                catchThrowableOfType(
                        WrongSettingsException.class,
                        () -> SettingsBinder.bind(Environments.of(yaml)));

        assertThat(error)
                .hasMessageEndingWith(
                        "gantry.providers.p.models[0].capabilities: responses; allowed is"
                                + " streaming, tools, vision, thinking; responses is for dialect"
                                + " openai, others are asked by way of a chat");
    }

    @Test
    void namesAModelThatIsListedTwice() {
        WrongSettingsException error =
                catchThrowableOfType(
                        WrongSettingsException.class,
                        () -> SettingsBinder.bind(Environments.of(VALID + "        - {id: m}\n")));

        assertThat(error)
                .hasMessageEndingWith(
                        "gantry.providers.p.models[1].id: m;"
                                + " allowed is an id that no other model of the provider has");
    }

    @Test
    void namesADefaultModelThatTheDefaultProviderLacks() {
        String yaml =
                VALID
                        + """
                            q:
                              tier: local
                              instances.i.base-url: http://h/v1
                              models: [{id: n}]
                          routing: {default-provider: p, default-model: n}
                        """;

        WrongSettingsException error =
                catchThrowableOfType(
                        WrongSettingsException.class,
                        () -> SettingsBinder.bind(Environments.of(yaml)));

        assertThat(error)
                .hasMessageEndingWith(
                        "gantry.routing.default-model: n;"
                                + " allowed is a model of default-provider p: m");
    }
}
