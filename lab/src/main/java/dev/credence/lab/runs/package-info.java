/**
 * What every run that trains has in common, whatever it trains: how often it is kept and where its figures go, what it does
 * with its folder, how it notices that it is to end, and its lines of progress for whoever listens.
 *
 * <p>The folder itself is the run store's (module data); what a run trains is in training and conditioning.
 */
@NullMarked
package dev.credence.lab.runs;

import org.jspecify.annotations.NullMarked;
