package dev.gantry.cli.operator;

import dev.gantry.cli.CommandLine;
import dev.gantry.cli.Terminal;

import tools.jackson.databind.node.ObjectNode;

import java.util.function.Supplier;

/** How a command answers. */
enum AnswerForm {
    /** For people. */
    TEXT,
    /** One JSON object on one line. */
    JSON;

    static AnswerForm of(CommandLine line) {
        return line.has("json") ? JSON : TEXT;
    }

    void answer(Terminal terminal, Supplier<String> text, Supplier<ObjectNode> json) {
        switch (this) {
            case TEXT -> terminal.answer(text.get());
            case JSON -> terminal.answerJson(json.get().toString());
        }
    }
}
