package dev.gantry.cli;

import static org.assertj.core.api.Assertions.assertThat;

import tools.jackson.databind.json.JsonMapper;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/** Result lines as the contract writes them. */
public final class SampleResults {
    private SampleResults() {}

    public static String succeeded(String batch, String id) {
        return """
        {"id": "batch_req_%2$s", "custom_id": "%2$s", "response": {"status_code": 200, \
        "request_id": "r", "body": {"choices": [{"message": {"content": "fine, \\"thanks\\""}}], \
        "usage": {"prompt_tokens": 100, "completion_tokens": 20, "total_tokens": 120, \
        "prompt_tokens_details": {"cached_tokens": 10}, \
        "completion_tokens_details": {"reasoning_tokens": 5}}}}, "error": null, \
        "gantry": {"request_id": "%1$s/%2$s", "batch_id": "%1$s", "outcome": "succeeded", \
        "lane": "fleet:b:main:inference:m", "attempts": [\
        {"index": 1, "lane": "frontier:a:main:inference:m", "status": "failed", "count": 2, \
        "error": {"kind": "rate_limit", "status": 429, "message": "slow down"}}, \
        {"index": 2, "lane": "fleet:b:main:inference:m", "status": "succeeded"}], \
        "selected": 2, "cost_usd": "0.000125", "cost_state": "final", \
        "queued_ms": 40, "took_ms": 200}}"""
                .formatted(batch, id);
    }

    public static String refused(String batch, String id) {
        return """
        {"id": "batch_req_%2$s", "custom_id": "%2$s", "response": {"status_code": 400, \
        "request_id": null, "body": {"error": {"message": "no"}}}, "error": null, \
        "gantry": {"request_id": "%1$s/%2$s", "batch_id": "%1$s", "outcome": "refused", \
        "attempts": [{"index": 1, "lane": "frontier:a:main:inference:m", "status": "failed", \
        "error": {"kind": "bad_request", "status": 400}}], "cost_usd": "0", \
        "queued_ms": 10, "took_ms": 90}}"""
                .formatted(batch, id);
    }

    static String exhausted(String batch, String id) {
        return """
        {"id": "batch_req_%2$s", "custom_id": "%2$s", "response": null, \
        "error": {"code": "escalation_exhausted", "message": "all failed"}, \
        "gantry": {"request_id": "%1$s/%2$s", "batch_id": "%1$s", "outcome": "failed", \
        "attempts": [{"index": 1, "lane": "fleet:b:main:inference:m", "status": "failed", \
        "error": {"kind": "timeout"}}], "cost_usd": null, "queued_ms": 20, "took_ms": 3000}}"""
                .formatted(batch, id);
    }

    /** Of ten, one is refused and one fails; each answer comes twice. */
    public static List<String> mixed(String batch, String id) {
        int number = Integer.parseInt(id.substring(2));
        String result =
                switch (number % 10) {
                    case 0 -> exhausted(batch, id);
                    case 5 -> refused(batch, id);
                    default -> succeeded(batch, id);
                };
        return List.of(result, result);
    }

    public static Set<String> customIds(Path file) throws IOException {
        List<String> lines = Files.readAllLines(file);
        Set<String> ids = new TreeSet<>();
        for (String line : lines) {
            ids.add(JsonMapper.shared().readTree(line).at("/custom_id").asString());
        }
        assertThat(ids).as("custom ids are unique").hasSize(lines.size());
        return ids;
    }
}
