package dev.gantry.fleet;

import static org.assertj.core.api.Assertions.assertThat;

import dev.gantry.fleet.SqlTrouble.Kind;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import java.net.UnknownHostException;
import java.sql.SQLException;
import java.sql.SQLTransientConnectionException;

class SqlTroubleTest {
    @ParameterizedTest
    @CsvSource({
        "08001, UNREACHABLE",
        "28P01, UNREACHABLE",
        "3D000, UNREACHABLE",
        "53300, UNREACHABLE",
        "57P01, UNREACHABLE",
        "57P03, UNREACHABLE",
        "42501, NOT_ALLOWED",
        "25006, REFUSED",
        "25P03, REFUSED",
        "25P04, REFUSED",
        "40001, REFUSED",
        "40P01, REFUSED",
        "42P06, REFUSED",
        "53100, REFUSED",
        "53200, REFUSED",
        "54000, REFUSED",
        "55006, REFUSED",
        "55P03, REFUSED",
        "57014, REFUSED",
        "58030, REFUSED",
        "72000, REFUSED",
        "XX000, REFUSED",
        "0A000, FAULT",
        "22P05, FAULT",
        "23505, FAULT",
        "25001, FAULT",
        "42601, FAULT",
        "42P01, FAULT",
        "P0001, FAULT",
    })
    void tellsWhatPassesFromWhatDoesNot(String state, Kind kind) {
        RuntimeException wrapped =
                new IllegalStateException("while migrating", new SQLException("said", state));

        assertThat(SqlTrouble.of(wrapped)).isEqualTo(new SqlTrouble(kind, "said"));
    }

    @Test
    void waitsForAPoolThatHasNoConnectionLeft() {
        assertThat(SqlTrouble.of(new SQLTransientConnectionException("timed out")).kind())
                .isEqualTo(Kind.UNREACHABLE);
    }

    @Test
    void saysWhatTheTroubleCameFrom() {
        SQLException away =
                new SQLException(
                        "The connection attempt failed.\nDetail: secret",
                        "08001",
                        new UnknownHostException("db.invalid"));

        assertThat(SqlTrouble.sentence(away))
                .isEqualTo(
                        "the database does not answer: The connection attempt failed."
                                + " (UnknownHostException: db.invalid)");
        assertThat(SqlTrouble.sentence(new SQLException("ERROR: no", "25006")))
                .isEqualTo("the database refuses: ERROR: no");
    }
}
