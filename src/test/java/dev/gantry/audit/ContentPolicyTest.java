package dev.gantry.audit;

import static org.assertj.core.api.Assertions.assertThat;

import dev.gantry.inference.InferenceRequest;
import dev.gantry.inference.Payload;
import dev.gantry.inference.RequestOptions;
import dev.gantry.metering.MeteringSamples;
import dev.gantry.secret.Secret;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import java.nio.charset.StandardCharsets;

class ContentPolicyTest {
    private static final Payload ANSWER =
            Payload.json("what do ya want for nothing?".getBytes(StandardCharsets.UTF_8));

    @ParameterizedTest(name = "{0}, key {1}, pii {2}, phi {3}, level {4} -> {5}")
    @CsvSource(
            nullValues = "-",
            textBlock =
                    """
                    FULL, Jefe, false, false, -,          full
                    FULL, Jefe, false, false, internal,   full
                    FULL, Jefe, true,  false, -,          hash
                    FULL, Jefe, false, true,  -,          hash
                    FULL, Jefe, false, false, restricted, hash
                    FULL, -,    true,  false, -,          none
                    HASH, Jefe, false, false, -,          hash
                    HASH, -,    false, false, -,          none
                    NONE, Jefe, false, false, -,          none
                    """)
    void neverShowsMoreThanIsAllowed(
            AuditSettings.Content content,
            @Nullable String key,
            boolean pii,
            boolean phi,
            @Nullable String level,
            String shown) {
        ContentPolicy policy =
                new ContentPolicy(new AuditSettings(content, new Secret(key == null ? "" : key)));
        InferenceRequest request =
                MeteringSamples.request(
                        MeteringSamples.options(new RequestOptions.Sensitivity(level, pii, phi)));

        Disclosure disclosure = policy.disclose(request, ANSWER);

        assertThat(disclosure.label()).isEqualTo(shown);
    }

    @Test
    void hashesWithTheKeyAsRfc4231Does() {
        ContentPolicy policy =
                new ContentPolicy(
                        new AuditSettings(AuditSettings.Content.HASH, new Secret("Jefe")));

        Disclosure disclosure = policy.disclose(MeteringSamples.request(), ANSWER);

        assertThat(disclosure)
                .isInstanceOfSatisfying(
                        Disclosure.Hashed.class,
                        hashed -> {
                            assertThat(hashed.answer())
                                    .isEqualTo(
                                            "5bdcc146bf60754e6a042426089575c7"
                                                    + "5a003f089d2739839dec58b964ec3843");
                            assertThat(hashed.messages()).hasSize(64);
                        });
    }

    @Test
    void settingsDoNotShowTheKey() {
        AuditSettings settings = new AuditSettings(AuditSettings.Content.HASH, new Secret("Jefe"));

        assertThat(settings.toString()).doesNotContain("Jefe");
        assertThat(settings.lacksKey()).isFalse();
        assertThat(new AuditSettings(AuditSettings.Content.HASH, new Secret(" ")).lacksKey())
                .isTrue();
    }
}
