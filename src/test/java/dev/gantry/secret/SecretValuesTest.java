package dev.gantry.secret;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.mock.env.MockEnvironment;

class SecretValuesTest {
    @ParameterizedTest
    @ValueSource(
            strings = {
                "spring.datasource.password",
                "spring.flyway.password",
                "spring.kafka.ssl.key-store-password",
                "spring.kafka.ssl.key-store-key",
                "spring.kafka.properties[sasl.jaas.config]",
                "spring.kafka.properties.ssl.keystore.password",
                "spring.kafka.properties.sasl.oauthbearer.client.credentials.client.secret",
                "spring.ssl.bundle.pem.x.keystore.private-key-password",
                "gantry.operator.token",
                "gantry.audit.hash-key",
                "gantry.providers.p.instances.i.api-key",
                "gantry.providers.p.instances.i.headers.X-Client-Name",
                "gantry.providers.p.instances.i.headers[X-Url]",
                "GANTRY_PROVIDERS_P_INSTANCES_I_APIKEY",
                "OPENAI_API_KEY",
                "PGPASSWORD",
                "AWS_SECRET_ACCESS_KEY"
            })
    void aSecretsKeyIsKnown(String key) {
        assertThat(SecretNames.isSecret(key)).isTrue();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "gantry.providers.p.instances.i.api-key-file",
                "gantry.providers.p.models[0].max-tokens-field",
                "gantry.providers.p.models[0].max-output-tokens",
                "gantry.providers.p.auth",
                "spring.kafka.properties.sasl.oauthbearer.token.endpoint.url",
                "spring.kafka.ssl.key-store-location",
                "spring.kafka.producer.key-serializer",
                "PWD",
                "SSH_AUTH_SOCK",
                "gantry.topics.requests"
            })
    void otherKeysAreNot(String key) {
        assertThat(SecretNames.isSecret(key)).isFalse();
    }

    @Test
    void theSecretsOfAnEnvironmentAreFoundWhereverTheyStand() {
        MockEnvironment environment =
                new MockEnvironment()
                        .withProperty("spring.datasource.url", "jdbc:postgresql://h/d?password=p-1")
                        .withProperty("app.redis", "redis://u:p-2@h")
                        .withProperty("spring.kafka.jaas", "Module required password=\"p-3\";")
                        .withProperty("plain", "p-4")
                        .withProperty("gantry.operator.token", "pre-${plain}-${absent}")
                        .withProperty("x.headers.Authorization", "Bearer p-5")
                        .withProperty("x.private-key", "classpath:key.pem");

        assertThat(SecretValues.of(environment))
                .contains("p-1", "p-2", "p-3", "pre-", "pre-p-4-", "p-5")
                .doesNotContain("p-4", "classpath:key.pem");
    }
}
