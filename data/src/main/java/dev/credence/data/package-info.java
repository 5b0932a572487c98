/**
 * Reading and writing what lives outside the process; nothing lives here itself. Rollout logs are in {@code rollouts}, corpora in
 * {@code corpora}, the folders of runs in {@code runs}, audits as files in {@code audits}, rewards and evidence as users write them
 * in {@code rewards}, YAML of settings in {@code settings}; {@code json} and {@code files} are common to all.
 */
@NullMarked
package dev.credence.data;

import org.jspecify.annotations.NullMarked;
