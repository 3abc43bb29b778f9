package dev.gantry.explain;

/** What a line turned out to be. */
public sealed interface Finding permits Explanation, Finding.Unusable {
    /**
     * No worker would take it; it would end as {@code invalid_request}.
     *
     * @param reason names the member, what stands there and what is allowed
     */
    record Unusable(String reason) implements Finding {}
}
