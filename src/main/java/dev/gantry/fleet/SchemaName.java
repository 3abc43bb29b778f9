package dev.gantry.fleet;

import java.util.regex.Pattern;

/**
 * The PostgreSQL schema that holds Gantry's tables.
 *
 * <p>Every statement names it: behind a transaction pooler a session's search_path is anybody's.
 */
public record SchemaName(String value) {
    private static final Pattern VALID = Pattern.compile("(?!pg_)[a-z_][a-z0-9_]{0,62}");

    public SchemaName {
        if (!VALID.matcher(value).matches()) {
            throw new IllegalArgumentException(
                    "gantry.database.schema: "
                            + value
                            + "; allowed is 1 to 63 of a-z 0-9 _, not beginning with a digit or pg_");
        }
    }

    /** The statement with each <code>${schema}</code> replaced, as in the migrations. */
    public String in(String sql) {
        return sql.replace("${schema}", '"' + value + '"');
    }

    /**
     * Which one of which database, for people; a URL's parameters may hold secrets and are left
     * out.
     */
    public String at(String url) {
        return "schema %s at %s".formatted(value, url.replaceFirst("\\?.*", ""));
    }

    @Override
    public String toString() {
        return value;
    }
}
