package dev.gantry.secret;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import java.lang.management.ManagementFactory;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import java.util.stream.Collectors;

class ScrubberTest {
    private static final String ALPHABET = "aAbBkKsS01-_./: =\"\\äß東🙂\n%";

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            textBlock =
                    """
                    Incorrect API key provided: sk-abcDEF0123456789. | Incorrect API key provided: ***
                    Invalid api_key: 0123456789abcdef in call | Invalid api_key: *** in call
                    key sk-ant-api03-abc_DEF-123 is bad | key *** is bad
                    Authorization: Bearer abc.def-123 rejected | Authorization: Bearer *** rejected
                    sent bearer abcdef123456, got 401 | sent bearer ***, got 401
                    {"api_key": "s3cr3tvalue", "a": 1} | {"api_key": "***", "a": 1}
                    {\\"x-api-key\\":\\"s3cr3tvalue\\"} | {\\"x-api-key\\":\\"***\\"}
                    GET https://h/v1?key=abc123def&alt=sse failed | GET https://h/v1?key=***&alt=sse failed
                    no route to https://jo:pa55word@proxy:3128 | no route to https://***@proxy:3128
                    token eyJhbGciOiJI.eyJzdWIiOiIx.c2lnbmF0dXJl ended | token *** ended
                    AIzaSyA1234567890abcdef is not valid | *** is not valid
                    client_secret=abcdef refused | client_secret=*** refused
                    at postgres://u:hunter2@h/db, retry | at postgres://***@h/db, retry
                    at redis://:hunter2@h:6379/0 | at redis://***@h:6379/0
                    at amqp://u:hun/ter?2#x@h/v | at amqp://***@h/v
                    at mongodb+srv://u:hun@ter2@h/v | at mongodb+srv://***@h/v
                    at https://hunter2token@h/x.git | at https://***@h/x.git
                    jdbc:postgresql://h/d?user=u&password=hunter2&ssl=true | jdbc:postgresql://h/d?user=u&password=***&ssl=true
                    jdbc:postgresql://h/d?sslpassword=hunter2 failed | jdbc:postgresql://h/d?sslpassword=*** failed
                    jdbc:sqlserver://h;user=u;password=hunter2;encrypt=true | jdbc:sqlserver://h;user=u;password=***;encrypt=true
                    jdbc:oracle:thin:scott/hunter2@//h:1521/s | jdbc:oracle:thin:***@//h:1521/s
                    GET /v1/models?api_key=hunter2 gave 500 | GET /v1/models?api_key=*** gave 500
                    GET /v1?alt=sse&sig=hunter2%3D gave 403 | GET /v1?alt=sse&sig=*** gave 403
                    GET /v1?access_token=hunter2 gave 403 | GET /v1?access_token=*** gave 403
                    PUT /b?X-Amz-Algorithm=A&X-Amz-Credential=AKIAIOSFODNN7EXAMPLE/20&X-Amz-Signature=abc123 | PUT /b?X-Amz-Algorithm=A&X-Amz-Credential=***&X-Amz-Signature=***
                    got Basic dTpodW50ZXIyMQ== as header | got Basic *** as header
                    Authorization: Basic dTpodW50ZXIyMQ== | Authorization: Basic ***
                    {Authorization=[Bearer hunter2x], Accept=[*/*]} | {Authorization=[Bearer ***], Accept=[*/*]}
                    {user=u, password=hun,ter2, ssl=on} | {user=u, password=***, ssl=on}
                    "password": "two words, hunter2" ends | "password": "***" ends
                    module required username="u" password="hunt er2"; | module required username="u" password="***";
                    spring.datasource.password: hunter2 | spring.datasource.password: ***
                    --spring.datasource.password=hunter2 given | --spring.datasource.password=*** given
                    SPRING_DATASOURCE_PASSWORD=hunter2 | SPRING_DATASOURCE_PASSWORD=***
                    AccountKey=hunter2==;EndpointSuffix=x | AccountKey=***;EndpointSuffix=x
                    Cookie: session=hunter2 sent | Cookie: *** sent
                    gantry.providers.p.instances.i.headers.X-Foo: hunter2 | gantry.providers.p.instances.i.headers.X-Foo: ***
                    AKIAIOSFODNN7EXAMPLE denied | *** denied
                    ghp_abcdefghijklmnop and github_pat_11ABC_defghi | *** and ***
                    xoxb-1234567890-abc and hf_abcdefghijkl | *** and ***
                    cut off: eyJhbGciOiJI.eyJzdWIi | cut off: ***
                    """)
    void takesSecretsOut(String message, String clean) {
        assertThat(Scrubber.scrub(message)).isEqualTo(clean);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "The model `gpt-5-mini` does not exist or you do not have access to it.",
                "Rate limit reached for requests per min (RPM): Limit 3, Used 3. Try again in 20s.",
                "maximum context length is 8192 tokens; reduce max_tokens: 9000",
                "connection refused: https://api.openai.com:443/v1/chat/completions",
                "https://proxy:3128/users/jo@example.com is not a proxy",
                "jdbc:postgresql://h1:5432,h2:5432/gantry?user=u&ssl=true",
                "SASL_SSL://broker-1:9093 authentication failed: Basic authentication",
                "asia-northeast1-docker.pkg.dev is away; europe-west1 is not",
                "The API key is missing. Unknown keys: max-output-tokens, api-key-file",
                "ssl.keystore.password.file was supplied; partition key 5, monkey=3",
                "password authentication failed for user gantry",
                "jo@example.com wrote max_tokens=100&top_p=1 tokens",
                "token bucket is empty, 3 tokens left; task-based, risk-free, ask-me"
            })
    void leavesOrdinaryMessagesAsTheyAre(String message) {
        assertThat(Scrubber.scrub(message)).isEqualTo(message);
    }

    @Test
    void takesPemBlocksOutWholeOrCutOff() {
        String block =
                """
                key: -----BEGIN RSA PRIVATE KEY-----
                MIIEhunter2
                -----END RSA PRIVATE KEY----- and more""";

        assertThat(Scrubber.masked(block)).isEqualTo("key: *** and more");
        assertThat(Scrubber.masked(block.substring(0, 60))).isEqualTo("key: ***");
        assertThat(Scrubber.masked(block.replace("\n", "\\n"))).isEqualTo("key: *** and more");
    }

    @Test
    void takesOutTheLineThatAYamlParserQuotes() {
        String message =
                """
                mapping values are not allowed here
                 in 'reader', line 3, column 13:
                    x-thing: hunter2: y
                           ^
                """;

        assertThat(Scrubber.masked(message))
                .contains("line 3, column 13:")
                .doesNotContain("hunter2", "thing");
    }

    @Test
    void takesOutTheValueThatSpringCannotBind() {
        String message =
                """
                    Property: spring.kafka.ssl.key-store-password
                    Value: "hunter 2"
                    Origin: "x"
                """;

        assertThat(Scrubber.masked(message)).doesNotContain("hunter").contains("Origin: \"x\"");
    }

    @Test
    void takesOutWhatIsKnownToBeASecretWhereverItStands() {
        Scrubber.learn(List.of("Known-Secret/1 ü", "short", "plainword", "s3cr3t"));

        assertThat(Scrubber.masked("GET /Known-Secret%2F1+%C3%BC?x and Known-Secret/1 ü."))
                .isEqualTo("GET /***?x and ***.");
        assertThat(Scrubber.masked("a s3cr3t, no s3cr3ts; short plainword"))
                .isEqualTo("a ***, no s3cr3ts; short plainword");
    }

    @Test
    void aTextWithoutSecretsIsTheVerySame() {
        String text = "request ended";

        assertThat(Scrubber.masked(text)).isSameAs(text);
    }

    /** Passing over a text is for speed alone. */
    @Test
    void passesOverNoTextThatHoldsASecret() {
        long seed = System.nanoTime();
        Random random = new Random(seed);
        for (int round = 0; round < 3_000; round++) {
            List<String> secrets = List.of(any(random), any(random), any(random));
            Vocabulary known = Vocabulary.of(SecretPattern.WORDS).with(secrets);
            String text = any(random) + secrets.get(random.nextInt(3)) + any(random);

            if (!known.mayHoldSecrets(text)) {
                assertThat(known.withoutSecrets(text)).as("seed %d", seed).isEqualTo(text);
                assertThat(SecretPattern.mask(text)).as("seed %d", seed).isEqualTo(text);
            }
        }
    }

    private static String any(Random random) {
        return random.ints(random.nextInt(random.nextInt(4) == 0 ? 100 : 12), 0, ALPHABET.length())
                .mapToObj(at -> ALPHABET.substring(at, at + 1))
                .collect(Collectors.joining());
    }

    @Test
    void keepsToOneLineOf500Characters() {
        String clean = Scrubber.scrub("first\nsecond\u0000" + "x".repeat(1000));

        assertThat(clean).hasSize(500).startsWith("first second xxx");
    }

    @Test
    void neverCutsACharacterInHalf() {
        String clean = Scrubber.scrub("x".repeat(499) + "🙂");

        assertThat(clean).isEqualTo("x".repeat(499));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "eyJ",
                "sk-",
                "api_key",
                "bearer ",
                "://a:",
                "a-",
                "\"",
                "= ",
                "password:",
                "://a:b@",
                "Property: key",
                "-----BEGIN A-----",
                "?a-",
                "headers.a",
                "basic A",
                "&a.key=",
                "token:",
                "password=,",
                "jdbc:oracle:a:b",
                "://:"
            })
    void takesLittleTimeOnHostileText(String part) {
        String hostile = part.repeat(200_000 / part.length());

        var thread = ManagementFactory.getThreadMXBean();
        long start = thread.getCurrentThreadCpuTime();
        for (int i = 0; i < 20; i++) {
            Scrubber.scrub(hostile);
        }

        // Milliseconds in truth; a quadratic pattern takes seconds.
        assertThat(Duration.ofNanos(thread.getCurrentThreadCpuTime() - start))
                .isLessThan(Duration.ofSeconds(2));
    }
}
