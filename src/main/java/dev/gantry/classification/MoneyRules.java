package dev.gantry.classification;

import static dev.gantry.classification.Rule.account;
import static dev.gantry.classification.Rule.instance;
import static dev.gantry.classification.Rule.lane;
import static dev.gantry.inference.ErrorKind.BILLING;

import dev.gantry.classification.Rule.Wait;

import java.util.List;

/** The part of the table that says who has not paid, or has used up a period. */
final class MoneyRules {
    /** Nothing will be served until somebody pays: under 400, 401, 402, 403, 412 and 429. */
    static final List<Rule> BALANCE =
            List.of(
                    lane(BILLING).phrases("budget for (deployment|provider)"),
                    instance(BILLING)
                            .codes("budget_exceeded", "billing_disabled")
                            .codeParts("budget_", "key_quota", "quota_exhausted")
                            .phrases("(exceeded|exceeds|over) budget", "budget … exceeded")
                            .phrases("key limit exceeded", "billing to be enabled", "令牌额度")
                            .phrases("key with a higher … limit")
                            .phrases(
                                    "project … (spend|spending) (cap|limit)", "prepayment credits"),
                    lane(BILLING)
                            .codes("setlimitexceeded")
                            .codeParts("freetieronly", "perdayperprojectpermodel", "permodelperday")
                            .phrases(
                                    "required for long context",
                                    "free tier of the model",
                                    "quota for the model"),
                    lane(BILLING).on(429).phrases("limit: 0"),
                    instance(BILLING).codeParts("perdayperproject"),
                    account(BILLING)
                            .codes("insufficient_quota", "insufficient_user_quota")
                            .codes("insufficient_balance", "exceeded_current_quota_error")
                            .codes("billing_not_active", "arrearage", "accountoverdueerror")
                            .codes("billing_hard_limit_reached", "payment_required")
                            .codes("usage_limit_reached", "usage_limit_exceeded")
                            .codes("billing_error", "creditserror", "credit_limit")
                            .codes("insufficient_credits", "balance_not_enough")
                            .codes("credit_balance_too_low", "insufficient_credit")
                            .codes("credit_balance_exhausted", "insufficient_account_balance")
                            .codes("token_quota_reached", "customer_verification_required")
                            .codes("gousagelimiterror", "accountquotaexceeded")
                            .codeParts("packexhausted", "chargeresourceexhaust")
                            .phrases("valid credit card", "credit card on file")
                            .phrases("payment method (on file|required)")
                            .codeParts("perday", "permonth", "insufficient_fund", "overdue")
                            .phrases("(insufficient|not enough|out of) … (credit*|balance)")
                            .phrases(
                                    "insufficient (funds|quota)",
                                    "balance … (insufficient|too low)")
                            .phrases("credit balance", "any credits", "included credits")
                            .phrases("no credits (remaining|left)")
                            .phrases("requires more credits", "credits are required")
                            .phrases("credit limit exceeded")
                            .phrases("credit* … (depleted|exhausted|expired|used up)")
                            .phrases("used all … credits", "payment (required|instrument|failed)")
                            .phrases("payment information", "(spending|spend) (limit|cap)")
                            .phrases("hard limit … reached", "api usage limits")
                            .phrases("usage limit (has been reached|reached)")
                            .phrases("account … (not active|suspended)", "in good standing")
                            .phrases("overdue", "past due", "arrears", "unpaid", "prepaid balance")
                            .phrases("top up", "please recharge")
                            .phrases("free (quota|tier|allocation) … (exhausted|used up)")
                            .phrases("(subscription|plan) quota … (exceeded|exhausted)")
                            .phrases("extra usage", "balance not enough")
                            .phrases("usage limit … billing (cycle|period)")
                            .phrases("exceeds your available (quota|balance|credit*)")
                            .phrases("no (active|valid) subscription")
                            .phrases("subscription (required|not found|inactive|cancelled)")
                            .phrases("(subscription|plan) … (expired|has ended)")
                            .phrases("余额", "余量不足", "额度不足", "额度用尽", "额度已用", "欠费", "充值", "套餐已到期"));

    /** A used-up period is the model's quota, unless it is a plan's or a key's. */
    static final List<Rule> PERIODS =
            List.of(
                    lane(BILLING).period().phrases("call volume quota"),
                    instance(BILLING).period().phrases("trial key … (/ month|per month|per day)"),
                    // What a limit is said to be for is what it benches.
                    account(BILLING)
                            .period()
                            .phrases("(daily|weekly|monthly) limit for … (account|organization)"),
                    lane(BILLING).period().phrases("(daily|weekly|monthly) limit for"),
                    account(BILLING)
                            .period()
                            .phrases("free-models-per-day", "organization (tpd|rpd)")
                            .phrases("plan … (weekly|monthly|daily)")
                            .phrases("usage limit … (day|week|month)")
                            .phrases("(session|daily|*-hour) usage (limit|quota)")
                            .phrases("(daily|weekly|monthly) message limit")
                            .phrases("monthly … (quota|limit|tokens|allowance)", "weekly … limit"),
                    lane(BILLING)
                            .period()
                            .phrases("(per|for the|this) (day|week|month)", "per-day")
                            .phrases("per-month", "tomorrow", "next day")
                            .phrases("(/day|/ day|/month|/ month)")
                            .phrases("(daily|weekly|monthly) … (limit*|quota*|cap|allowance)")
                            .phrases("(limit*|quota*) … (daily|weekly|monthly|today)")
                            .phrases("*_per_day", "(tpd|rpd)", "(今日|每日|每天|每周|每月)"),
                    lane(BILLING).on(403, 429).told(Wait.LONG),
                    // A gateway's own accounts, under the status of a failure.
                    account(BILLING)
                            .on(500, 503)
                            .phrases("(limit|quota) … per (day|week|month) … exceeded")
                            .phrases("exceeded … (limit|quota) … per (day|week|month)"),
                    account(BILLING).on(402));

    /**
     * A quota that is used up and no more said of it: somebody has to pay, or a period to end. What
     * is counted per minute, or comes back within the hour, is a pace.
     */
    static final List<Rule> QUOTA =
            List.of(
                    account(BILLING)
                            .period()
                            .phrases("quota (exceeded|exhausted|depleted|reached)", "over quota")
                            .phrases("quota (has been|is|was) (exceeded|exhausted|used up)")
                            .phrases("exceeded … quota", "exhausted … quota", "out of quota")
                            .phrases("(usage|credit|credits) quota"),
                    account(BILLING).on(403, 429).told(Wait.NONE_OR_LONG).phrases("billing"));

    private MoneyRules() {}
}
