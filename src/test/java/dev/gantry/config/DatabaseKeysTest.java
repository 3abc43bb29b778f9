package dev.gantry.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class DatabaseKeysTest {
    @Test
    void takesTheShippedFileAndWhatIsUsual() {
        assertThat(DatabaseKeys.check(Environments.shipped())).isEmpty();
        assertThat(
                        DatabaseKeys.check(
                                Environments.of(
                                        """
                                        spring.datasource:
                                          url: jdbc:postgresql://a:1,b:2/x?user=u&password=p
                                          hikari: {connection-timeout: 30000, maximum-pool-size: 2}
                                        """)))
                .isEmpty();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            textBlock =
                    """
                    url: "jdbc:mysql://h/x?password=hunter2" | spring.datasource.url: jdbc:mysql://h/x?***
                    url: "jdbc:postgresql://h:port/x" | spring.datasource.url: jdbc:postgresql://h:port/x
                    url: "postgres://u:hunter2@h/x" | spring.datasource.url: ***@h/x
                    hikari.jdbc-url: "jdbc:h2:mem" | spring.datasource.hikari.jdbc-url: jdbc:h2:mem
                    hikari.auto-commit: false | spring.datasource.hikari.auto-commit: false; allowed is true
                    hikari.read-only: true | spring.datasource.hikari.read-only: true; allowed is false
                    hikari.maximum-pool-size: 1 | spring.datasource.hikari.maximum-pool-size: 1; allowed is 2 or more
                    hikari.transaction-isolation: TRANSACTION_SERIALIZABLE | spring.datasource.hikari.transaction-isolation: TRANSACTION_SERIALIZABLE; allowed is
                    """)
    void refusesWhatWouldBreakAPromise(String line, String expected) {
        assertThatThrownBy(() -> DatabaseKeys.check(Environments.of("spring.datasource." + line)))
                .isInstanceOf(WrongSettingsException.class)
                .hasMessageContaining(expected)
                .hasMessageNotContaining("hunter2");
    }

    @Test
    void saysThatFlywaysKeysAreLeftOut() {
        assertThat(
                        DatabaseKeys.check(
                                Environments.of("spring.flyway: {enabled: true, schemas: other}")))
                .hasSize(2)
                .allSatisfy(notice -> assertThat(notice).startsWith("spring.flyway."));
    }
}
