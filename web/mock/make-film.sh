#!/bin/sh
# Makes the film that the mock plays: one minute in three rungs, as CMAF with HLS playlists, in mock/.media/hls.
set -eu
cd "$(dirname "$0")"
rm -rf .media && mkdir -p .media/hls
"${FFMPEG:-ffmpeg}" -hide_banner -loglevel error -y \
  -f lavfi -i "gradients=size=1280x720:rate=24:duration=60:speed=0.02:nb_colors=5:seed=7" \
  -f lavfi -i "sine=frequency=220:duration=60" \
  -filter_complex "[0]drawgrid=w=160:h=160:c=white@0.12,split=3[a][b][c];[b]scale=854:480[d];[c]scale=640:360[e]" \
  -map "[a]" -map "[d]" -map "[e]" -map 1 \
  -c:v libx264 -preset veryfast -g 48 -sc_threshold 0 -pix_fmt yuv420p \
  -b:v:0 1800k -b:v:1 800k -b:v:2 400k -maxrate:v:0 2M -maxrate:v:1 900k -maxrate:v:2 500k \
  -bufsize:v:0 4M -bufsize:v:1 2M -bufsize:v:2 1M -c:a aac -b:a 96k \
  -f hls -hls_time 4 -hls_playlist_type vod -hls_segment_type fmp4 -hls_flags independent_segments \
  -master_pl_name master.m3u8 -var_stream_map "v:0,agroup:a v:1,agroup:a v:2,agroup:a a:0,agroup:a,default:yes" \
  -hls_fmp4_init_filename init_%v.mp4 -hls_segment_filename .media/hls/%v_%04d.m4s .media/hls/%v.m3u8
