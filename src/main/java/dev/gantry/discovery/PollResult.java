package dev.gantry.discovery;

import java.util.List;

/** What came of asking one instance for its models. */
sealed interface PollResult {
    /**
     * Its list.
     *
     * @param models by name, each once
     * @param leftOut what of the list is not used, and why; in words that stay the same from poll
     *     to poll
     */
    record Listed(List<ListedModel> models, List<String> leftOut) implements PollResult {
        public Listed {
            models = List.copyOf(models);
            leftOut = List.copyOf(leftOut);
        }
    }

    /**
     * No list.
     *
     * @param why in words of ours
     */
    record Failed(String why) implements PollResult {}
}
