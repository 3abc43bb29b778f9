package dev.gantry.classification;

import static dev.gantry.classification.Rule.account;
import static dev.gantry.classification.Rule.instance;
import static dev.gantry.classification.Rule.lane;
import static dev.gantry.classification.Rule.request;
import static dev.gantry.inference.ErrorKind.AUTH;
import static dev.gantry.inference.ErrorKind.BAD_REQUEST;
import static dev.gantry.inference.ErrorKind.BILLING;
import static dev.gantry.inference.ErrorKind.CONTENT_POLICY;
import static dev.gantry.inference.ErrorKind.CONTEXT_OVERFLOW;
import static dev.gantry.inference.ErrorKind.MODEL_MISSING;
import static dev.gantry.inference.ErrorKind.OVERLOADED;
import static dev.gantry.inference.ErrorKind.RATE_LIMIT;
import static dev.gantry.inference.ErrorKind.SERVER;
import static dev.gantry.inference.ErrorKind.TIMEOUT;

import dev.gantry.classification.Rule.Wait;

import java.util.List;
import java.util.stream.Stream;

/** The first part of the table: a vendor's numbers and words mean nothing on another's lanes. */
final class VendorRules {
    private static final String[] ZAI = {"zai", "z-ai", "zhipu", "zhipuai", "bigmodel", "glm"};
    private static final String[] ALIBABA = {"dashscope", "alibaba", "aliyun", "qwen", "bailian"};
    private static final String[] SPARK = {"spark", "xfyun", "iflytek", "xunfei"};
    private static final String[] BAIDU = {"qianfan", "baidu", "ernie"};

    private static final List<Rule> CHINESE_HOUSES =
            List.of(
                    instance(AUTH).vendor(ZAI).codes("1000", "1001", "1002", "1003", "1004"),
                    account(AUTH).vendor(ZAI).codes("1110", "1111", "1112", "1121"),
                    account(BILLING).vendor(ZAI).codes("1113", "1304", "1308", "1309", "1310"),
                    lane(SERVER).vendor(ZAI).codes("500", "1120", "1230", "1234"),
                    request(BAD_REQUEST).vendor(ZAI).codes("1210", "1212", "1213", "1214", "1215"),
                    lane(MODEL_MISSING).vendor(ZAI).codes("1211", "1221", "1222"),
                    lane(AUTH).vendor(ZAI).codes("1220", "1311"),
                    request(CONTEXT_OVERFLOW).vendor(ZAI).codes("1261"),
                    request(CONTENT_POLICY).vendor(ZAI).codes("1300", "1301"),
                    lane(RATE_LIMIT).vendor(ZAI).codes("1302", "1303", "1313"),
                    lane(OVERLOADED).vendor(ZAI).codes("1305", "1312"),
                    account(BILLING).vendor(ALIBABA).on(429).told(Wait.LONG),
                    // The words of OpenAI's empty balance; here they mean the pace.
                    lane(RATE_LIMIT).vendor(ALIBABA).on(429).codes("insufficient_quota"),
                    account(BILLING).vendor("siliconflow").codes("30001", "30011"),
                    lane(MODEL_MISSING).vendor("siliconflow").codes("20012", "30003"),
                    lane(OVERLOADED).vendor("siliconflow").codes("50505", "50508"),
                    instance(AUTH).vendor("minimax").codes("1004", "2049"),
                    account(BILLING).vendor("minimax").codes("1008", "2056"),
                    request(CONTENT_POLICY).vendor("minimax").codes("1026", "1027"),
                    lane(RATE_LIMIT).vendor("minimax").codes("1002", "1039", "1041"),
                    lane(TIMEOUT).vendor("minimax").codes("1001"),
                    lane(SERVER).vendor("minimax").codes("1000", "1013", "1024", "1033"),
                    account(BILLING).vendor(BAIDU).codes("17", "19"),
                    lane(RATE_LIMIT).vendor(BAIDU).codes("4", "18", "336501", "336502"),
                    instance(AUTH).vendor(BAIDU).codes("6", "13", "14", "15", "110", "111"),
                    request(CONTEXT_OVERFLOW).vendor(BAIDU).not(401, 403).codes("336103", "336007"),
                    request(BAD_REQUEST)
                            .vendor(BAIDU)
                            .codes("100", "336001", "336002", "336003", "336004", "336006"),
                    lane(SERVER).vendor(BAIDU).codes("1", "336000"),
                    lane(OVERLOADED).vendor(BAIDU).codes("2", "336100"),
                    account(BILLING).vendor(SPARK).codes("11200", "11201"),
                    lane(RATE_LIMIT).vendor(SPARK).codes("10007", "11202", "11203"),
                    lane(OVERLOADED).vendor(SPARK).codes("10008", "10010", "10110"),
                    request(CONTENT_POLICY).vendor(SPARK).codes("10013", "10014", "10019"),
                    request(CONTEXT_OVERFLOW).vendor(SPARK).codes("10907", "10910"),
                    request(BAD_REQUEST).vendor(SPARK).codes("10003", "10004", "10163"));

    private static final List<Rule> OTHERS =
            List.of(
                    lane(RATE_LIMIT).vendor("mistral").codes("1300"),
                    lane(MODEL_MISSING).vendor("mistral").codes("1500"),
                    request(CONTEXT_OVERFLOW).vendor("mistral").codes("3051"),
                    lane(OVERLOADED).vendor("mistral").codes("3505"),
                    account(BILLING).vendor("cloudflare").codes("3036", "4006"),
                    lane(OVERLOADED).vendor("cloudflare").codes("3040"),
                    lane(TIMEOUT).vendor("cloudflare").codes("3007"),
                    account(AUTH).vendor("cloudflare").codes("3023"),
                    lane(AUTH).vendor("cloudflare").codes("5016", "5018"),
                    lane(MODEL_MISSING).vendor("cloudflare").codes("3042", "5007"),
                    instance(AUTH).vendor("cloudflare").codes("10000"),
                    lane(MODEL_MISSING)
                            .vendor("nvidia", "nim")
                            .on(404)
                            .phrases("function … not found for account"),
                    lane(SERVER).vendor("nvidia", "nim").phrases("degraded function"),
                    request(CONTENT_POLICY).vendor("cohere").on(498),
                    account(AUTH).vendor("bedrock", "aws").on(400).phrases("operation not allowed"),
                    account(AUTH).vendor("anthropic").on(403).phrases("request not allowed"),
                    // Dynamic shared quota: the region is full, not the project's share.
                    lane(OVERLOADED)
                            .vendor("vertex", "vertexai", "google-vertex")
                            .phrases("resource exhausted(.|,) please try again"));

    static final List<Rule> ALL = Stream.of(CHINESE_HOUSES, OTHERS).flatMap(List::stream).toList();

    private VendorRules() {}
}
