package dev.credence.core.audit;

import java.io.Serializable;
import java.util.Map;

/**
 * The findings of one prompt, at that prompt's own λ (they do not add up to the overall ones).
 *
 * @param prompt the prompt
 * @param weight its share of the overall means
 * @param priorRecords records drawn from the prior (0 for an exact table)
 * @param policyRecords records drawn from the policy (0 for an exact table)
 * @param findings by id, in the order they print
 * @serial exclude
 */
public record PromptAudit(
        String prompt, double weight, int priorRecords, int policyRecords, Map<String, Finding> findings)
        implements Serializable {}
