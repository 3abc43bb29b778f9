package dev.gantry.cli.operator;

import dev.gantry.cli.ExitCode;
import dev.gantry.cli.FileTrouble;
import dev.gantry.cli.Terminal;
import dev.gantry.fleet.SqlTrouble;

import org.springframework.dao.DataAccessException;
import org.springframework.jdbc.BadSqlGrammarException;

import java.io.IOException;

/** A command of operators on the fleet's tables, and what it says where it cannot get at them. */
interface DatabaseCommand {
    ExitCode run() throws IOException;

    /**
     * Runs to its end and returns the exit code.
     *
     * @param at which schema of which database
     */
    static int run(String name, String at, Terminal terminal, DatabaseCommand command) {
        try {
            return command.run().code();
        } catch (BadSqlGrammarException _) {
            terminal.note(
                    ("%s: %s lacks Gantry's tables, or holds another program's; a worker makes them"
                                    + " when it starts, and so does migrate; spring.datasource.url"
                                    + " and gantry.database.schema say where they are")
                            .formatted(name, at));
        } catch (DataAccessException e) {
            terminal.note(
                    "%s: %s; --spring.datasource.url=jdbc:postgresql:… says where it is"
                            .formatted(name, SqlTrouble.sentence(e)));
        } catch (IOException e) {
            terminal.note(
                    "%s: the answer cannot be written: %s".formatted(name, FileTrouble.of(e)));
        } catch (IllegalStateException e) {
            terminal.note(name + ": " + e.getMessage());
        }
        return ExitCode.TROUBLE.code();
    }
}
