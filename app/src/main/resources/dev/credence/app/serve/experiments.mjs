export async function list(place) {}
export async function one(place) {}
