//! What is written is read as it was meant.

use super::*;

fn vui() -> impl Strategy<Value = Vui> {
    let colour = (any::<u8>(), any::<u8>(), any::<u8>()).prop_map(|(primaries, transfer, matrix)| Colour {
        primaries,
        transfer,
        matrix,
    });
    let signal = (0u8..8, any::<bool>(), option::of(colour)).prop_map(|(format, full_range, colour)| VideoSignal {
        format,
        full_range,
        colour,
    });
    let timing = (any::<u32>(), any::<u32>(), any::<bool>()).prop_map(|(units_in_tick, time_scale, fixed_rate)| Timing {
        units_in_tick,
        time_scale,
        fixed_rate,
    });
    let restriction = (any::<bool>(), [0u32..17, 0..17, 0..17, 0..17, 0..17, 0..17]).prop_map(|(over, n)| Restriction {
        vectors_over_boundaries: over,
        max_bytes_per_pic_denom: n[0],
        max_bits_per_mb_denom: n[1],
        log2_max_vector_horizontal: n[2],
        log2_max_vector_vertical: n[3],
        max_num_reorder_frames: n[4],
        max_dec_frame_buffering: n[5],
    });
    let aspect = prop_oneof![
        (0u8..255).prop_map(|idc| (idc, 0, 0)),
        (any::<u16>(), any::<u16>()).prop_map(|(w, h)| (255, w, h))
    ];
    let parts = (
        option::of(aspect),
        option::of(any::<bool>()),
        option::of(signal),
        option::of((0u32..6, 0u32..6)),
        option::of(timing),
        any::<bool>(),
        option::of(restriction),
    );
    parts.prop_map(
        |(aspect_ratio, overscan, signal, chroma_location, timing, pic_struct_present, restriction)| Vui {
            aspect_ratio,
            overscan,
            signal,
            chroma_location,
            timing,
            pic_struct_present,
            restriction,
        },
    )
}

fn order() -> impl Strategy<Value = PicOrder> {
    prop_oneof![Just(PicOrder::Decoding), (4u32..17).prop_map(|log2_max| PicOrder::Lsb { log2_max })]
}

fn sps() -> impl Strategy<Value = Sps> {
    let crop = [0u32..9, 0..9, 0..9, 0..9].prop_map(|[left, right, top, bottom]| Crop { left, right, top, bottom });
    let head = (prop_oneof![Just(66u8), Just(77), Just(100)], any::<u8>(), any::<u8>(), 0u32..32);
    let body = (4u32..17, order(), 0u32..17, any::<bool>(), 1u32..1025, 1u32..1025, any::<bool>());
    (head, body, option::of(crop), option::of(vui())).prop_map(|(head, body, crop, vui)| Sps {
        profile_idc: head.0,
        constraints: head.1,
        level_idc: head.2,
        id: head.3,
        log2_max_frame_num: body.0,
        order: body.1,
        max_num_ref_frames: body.2,
        gaps_in_frame_num_allowed: body.3,
        width: body.4,
        height: body.5,
        direct_8x8_inference: body.6,
        crop,
        vui,
    })
}

fn pps() -> impl Strategy<Value = Pps> {
    let extension = (any::<bool>(), -12i32..13).prop_map(|(transform_8x8, second_chroma_qp_offset)| Extension {
        transform_8x8,
        second_chroma_qp_offset,
    });
    let ids = (0u32..256, 0u32..32, [1u32..33, 1..33]);
    let flags = (
        any::<bool>(),
        any::<bool>(),
        any::<bool>(),
        any::<bool>(),
        any::<bool>(),
        any::<bool>(),
    );
    let numbers = (0u8..4, 0i32..52, 0i32..52, -12i32..13);
    (ids, flags, numbers, option::of(extension)).prop_map(|(ids, flags, numbers, extension)| Pps {
        id: ids.0,
        sps_id: ids.1,
        cabac: flags.0,
        bottom_field_order_present: flags.1,
        references: ids.2,
        weighted_pred: flags.2,
        weighted_bipred_idc: numbers.0,
        init_qp: numbers.1,
        init_qs: numbers.2,
        chroma_qp_offset: numbers.3,
        deblocking_control_present: flags.3,
        constrained_intra_pred: flags.4,
        redundant_pic_cnt_present: flags.5,
        extension,
    })
}

/// A slice header and parameters that it can be written with.
fn slice() -> impl Strategy<Value = (SliceHeader, Sps, Pps)> {
    let numbers = (any::<u32>(), any::<u32>(), 0u32..65_536, any::<u32>(), 0u32..3, any::<i32>());
    let list = || vec((0u32..3, 0u32..1000), 0..4);
    let lists = (option::of([1u32..33, 1..33]), [list(), list()]);
    let flags = (any::<bool>(), any::<bool>(), any::<bool>(), any::<bool>(), any::<bool>());
    let deblocking = (0u8..3, -6i32..7, -6i32..7);
    (sps(), pps(), numbers, lists, flags, deblocking).prop_map(|(sps, mut pps, numbers, lists, flags, deblocking)| {
        pps.sps_id = sps.id;
        (pps.bottom_field_order_present, pps.redundant_pic_cnt_present, pps.weighted_pred) = (false, false, false);
        let idr = flags.0;
        let kind = match (idr || flags.1, numbers.2 % 2) {
            (true, _) => Kind::I,
            (false, 0) => Kind::P,
            (false, _) => Kind::B,
        };
        let ref_idc = if idr { 3 } else { (numbers.0 % 4) as u8 };
        let unit_type = if idr { UnitType::Idr } else { UnitType::Slice };
        let (inter, b) = (kind != Kind::I, kind == Kind::B);
        if pps.weighted_bipred_idc == 1 {
            pps.weighted_bipred_idc = 0;
        }
        // Only B slices have a second list.
        let [first, second] = lists.1;
        let filter = [Filter::All, Filter::None, Filter::Inside][usize::from(deblocking.0)];
        let filter = if pps.deblocking_control_present { filter } else { Filter::All };
        let offsets = pps.deblocking_control_present && filter != Filter::None;
        let header = SliceHeader {
            nal: Header { ref_idc, unit_type },
            first_mb: numbers.0 % (sps.width * sps.height),
            kind,
            alone: flags.2,
            frame_num: numbers.1 & ((1 << sps.log2_max_frame_num) - 1),
            idr_pic_id: if idr { numbers.2 } else { 0 },
            order_lsb: match sps.order {
                PicOrder::Lsb { log2_max } => numbers.3 & ((1 << log2_max) - 1),
                PicOrder::Decoding => 0,
            },
            direct_spatial: b && flags.3,
            references: lists.0.filter(|_| inter).map(|[first, second]| [first, if b { second } else { 1 }]),
            modifications: [if inter { first } else { Vec::new() }, if b { second } else { Vec::new() }],
            marking: Marking {
                no_output_of_prior_pics: idr && flags.3,
                long_term_reference: idr && flags.4,
            },
            cabac_init_idc: if inter && pps.cabac { numbers.4 } else { 0 },
            qp_delta: numbers.5.rem_euclid(52) - pps.init_qp,
            deblocking: Deblocking {
                filter,
                alpha: if offsets { deblocking.1 } else { 0 },
                beta: if offsets { deblocking.2 } else { 0 },
            },
        };
        (header, sps, pps)
    })
}

fn unit(rbsp: &[u8]) -> Vec<u8> {
    let mut stream = Vec::new();
    nal::append(rbsp, &mut stream);
    stream.split_off(4)
}

proptest! {
    #[test]
    fn codes(values in vec((0u32..u32::MAX, -i32::MAX..=i32::MAX, 1u32..33), 1..20)) {
        let mut w = BitWriter::new();
        for &(u, s, n) in &values {
            w.ue(u);
            w.se(s);
            w.bits(n, u);
        }
        w.trailing();
        let bytes = w.into_bytes();
        let mut r = BitReader::new(&bytes);
        for (u, s, n) in values {
            prop_assert!(r.more_data());
            prop_assert_eq!((r.ue().unwrap(), r.se().unwrap()), (u, s));
            prop_assert_eq!(u64::from(r.bits(n).unwrap()), u64::from(u) & ((1u64 << n) - 1));
        }
        prop_assert!(!r.more_data());
        r.trailing().unwrap();
    }

    #[test]
    fn sequence_parameters(sps in sps()) {
        prop_assert_eq!(Sps::parse(&unit(&sps.to_rbsp())), Ok(sps));
    }

    #[test]
    fn picture_parameters(pps in pps()) {
        prop_assert_eq!(Pps::parse(&unit(&pps.to_rbsp())), Ok(pps));
    }

    #[test]
    fn slice_headers((header, sps, pps) in slice()) {
        let mut w = BitWriter::new();
        header.write(&mut w, &sps, &pps);
        w.trailing();
        let bytes = w.into_bytes();
        let (read, length) = SliceHeader::parse(&bytes, &sps, &pps).unwrap();
        prop_assert_eq!(&read, &header);
        prop_assert_eq!(last_one(&bytes), Some(length));
    }

    /// A slice that is moved and moved back is what it was.
    #[test]
    fn slices_there_and_back((here, sps, pps) in slice(), place in any::<u32>(), macroblocks in vec(any::<u8>(), 1..50)) {
        let mut w = BitWriter::new();
        here.write(&mut w, &sps, &pps);
        if pps.cabac {
            w.align(true);
        }
        w.append(&macroblocks);
        w.trailing();
        let first = w.into_bytes();
        let there = SliceHeader { first_mb: place % (sps.width * sps.height), ..here.clone() };
        let move_to = |rbsp: &[u8], header: &SliceHeader| {
            let (_, length) = SliceHeader::parse(rbsp, &sps, &pps).unwrap();
            let mut out = Vec::new();
            transplant(rbsp, length, header, &sps, &pps, &mut out).unwrap();
            unescaped(&units(&out)[0])
        };
        let moved = move_to(&first, &there);
        prop_assert_eq!(SliceHeader::parse(&moved, &sps, &pps).unwrap().0, there);
        prop_assert_eq!(move_to(&moved, &here), first);
    }

    /// Units come out as they went in, wherever the stream is cut.
    #[test]
    fn byte_streams(payloads in vec(vec(prop_oneof![Just(0u8), Just(1), Just(3), any::<u8>()], 0..30), 1..6), cut in 1usize..9) {
        let rbsps: Vec<Vec<u8>> = payloads.into_iter().map(|p| [vec![0x61], p, vec![0x80]].concat()).collect();
        let mut stream = Vec::new();
        rbsps.iter().for_each(|r| nal::append(r, &mut stream));
        let mut out = Vec::new();
        let mut cutter = AnnexB::new();
        for chunk in stream.chunks(cut) {
            cutter.push(chunk, &mut |u| out.push(unescaped(u))).unwrap();
        }
        cutter.finish(&mut |u| out.push(unescaped(u)));
        prop_assert_eq!(out, rbsps);
    }
}
