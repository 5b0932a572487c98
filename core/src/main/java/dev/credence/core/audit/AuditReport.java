package dev.credence.core.audit;

import dev.credence.core.evidence.RewardType;
import dev.credence.core.provenance.Provenance;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A complete audit.
 *
 * @param beta the KL coefficient that was asked, or null
 * @param reward the name of the reward audited
 * @param rewardType how copies of it are worded
 * @param steps one audit a training step, in order; a single one where the input has no steps
 * @param provenance what it was computed from and with
 */
public record AuditReport(
        @Nullable Double beta, String reward, RewardType rewardType, List<StepAudit> steps, Provenance provenance) {}
