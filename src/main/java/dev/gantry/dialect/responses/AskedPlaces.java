package dev.gantry.dialect.responses;

import java.util.HashMap;
import java.util.Map;

/** Where in a request of the Responses API stood what stands in the chat that was made of it. */
final class AskedPlaces {
    private static final Map<String, String> MEMBERS =
            Map.of(
                    "messages", "input",
                    "messages[]", "input[]",
                    "max_tokens", "max_output_tokens",
                    "reasoning_effort", "reasoning.effort",
                    "response_format", "text.format",
                    "response_format.json_schema", "text.format");

    private final Map<String, String> items = new HashMap<>();

    void put(String inChat, String asked) {
        items.put(inChat, asked);
    }

    /**
     * The same reason with the caller's own place.
     *
     * @param why begins with a place in the chat and a colon
     */
    String asked(String why) {
        int end = Math.max(0, why.indexOf(": "));
        return place(why.substring(0, end))
                        .replace(".function.", ".")
                        .replace(".image_url.url", ".image_url")
                + why.substring(end);
    }

    /** By the longest part of it that is known. */
    private String place(String inChat) {
        for (int cut = inChat.length(); cut > 0; cut = step(inChat, cut - 1)) {
            String part = inChat.substring(0, cut);
            String known = items.containsKey(part) ? items.get(part) : MEMBERS.get(part);
            if (known != null) {
                return known + inChat.substring(cut);
            }
        }
        return inChat;
    }

    private static int step(String place, int before) {
        return Math.max(place.lastIndexOf('.', before), place.lastIndexOf('[', before));
    }
}
