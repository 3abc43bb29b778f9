package dev.gantry.observe;

import static org.assertj.core.api.Assertions.assertThat;

import dev.gantry.fleet.SqlTrouble;

import org.junit.jupiter.api.Test;

class ViewerTest {
    private static final SqlTrouble READ_ONLY =
            new SqlTrouble(SqlTrouble.Kind.REFUSED, "ERROR: cannot execute INSERT");
    private static final SqlTrouble AWAY =
            new SqlTrouble(SqlTrouble.Kind.UNREACHABLE, "Connection to db:5432 refused.");

    @Test
    void anybodyLearnsWhetherTheDatabaseAnswers() {
        assertThat(Viewer.database(READ_ONLY)).isEqualTo("the database refuses");
        assertThat(Viewer.database(AWAY)).isEqualTo("the database does not answer");
        assertThat(Viewer.database(null)).isEqualTo("the database has not answered yet");
    }

    @Test
    void theOperatorLearnsWhy() {
        ScopedValue.where(Viewer.CURRENT, Viewer.OPERATOR)
                .run(
                        () -> {
                            assertThat(Viewer.database(READ_ONLY))
                                    .isEqualTo(
                                            "the database refuses: ERROR: cannot execute INSERT");
                            assertThat(Viewer.database(AWAY))
                                    .isEqualTo(
                                            "the database does not answer:"
                                                    + " Connection to db:5432 refused.");
                        });
    }
}
